#include "support/two_networks.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "support/temp_directory.hpp"

namespace tunnel::integration {
namespace {

void check(bool done, const char* what) {
  if (!done) throw std::system_error(errno, std::generic_category(), what);
}

void ip(const std::vector<std::string>& words) {
  command setting{.arguments = {"ip"}};
  setting.arguments.insert(setting.arguments.end(), words.begin(), words.end());
  const auto done = run(setting);
  if (done.exit_code != 0) throw std::runtime_error("ip: " + done.errors);
}

// Programs that others than root start have the rights of their namespace only if they inherit them.
void pass_rights_on() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> rights{};
  check(::syscall(SYS_capget, &header, rights.data()) == 0, "capget");
  for (auto& each : rights) each.inheritable = each.permitted;
  check(::syscall(SYS_capset, &header, rights.data()) == 0, "capset");
  for (const int each : {CAP_NET_ADMIN, CAP_SYS_ADMIN})
    check(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, each, 0, 0) == 0, "ambient capability");
}

void leave_network() {
  if (::geteuid() == 0) return check(::unshare(CLONE_NEWNET) == 0, "network namespace");
  const auto id = std::to_string(::geteuid());
  check(::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0, "network namespace");
  write_file("/proc/self/uid_map", id + ' ' + id + " 1");
  pass_rights_on();
}

descriptor network_of(const std::string& process) {
  const auto file = "/proc/" + process + "/ns/net";
  descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  check(opened.get() >= 0, "/proc/PID/ns/net");
  return opened;
}

}  // namespace

two_networks::two_networks() {
  namespace fs = std::filesystem;
  leave_network();
  near_ = network_of("self");
  keeper_.emplace(command{.arguments = {"unshare", "-n", "sleep", "600"}});
  const auto keeper = std::to_string(keeper_->pid());
  const bool apart = eventually([&] {
    std::error_code gone;
    const auto link = fs::read_symlink("/proc/" + keeper + "/ns/net", gone);
    return !gone && link != fs::read_symlink("/proc/self/ns/net");
  });
  if (!apart) throw std::runtime_error("unshare: " + keeper_->errors());
  far_ = network_of(keeper);
  ip({"link", "add", "near", "type", "veth", "peer", "name", "far", "netns", keeper});
  ip({"address", "add", std::string(near_address) + "/24", "dev", "near"});
  for (const auto* each : {"lo", "near"}) ip({"link", "set", each, "up"});
  ip_far({"link", "set", "lo", "up"});
}

void two_networks::far_away(const std::function<void()>& action) const {
  check(::setns(far_.get(), CLONE_NEWNET) == 0, "setns");
  try {
    action();
  } catch (...) {
    ::setns(near_.get(), CLONE_NEWNET);
    throw;
  }
  check(::setns(near_.get(), CLONE_NEWNET) == 0, "setns");
}

void two_networks::ip_far(const std::vector<std::string>& words) const {
  far_away([&] { ip(words); });
}

void two_networks::move_to(const std::string& address) const {
  ip_far({"address", "flush", "dev", "far"});
  ip_far({"address", "add", address + "/24", "dev", "far"});
}

}  // namespace tunnel::integration
