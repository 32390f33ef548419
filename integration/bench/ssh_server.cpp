#include "ssh_server.hpp"

#include <poll.h>
#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "interruption.hpp"
#include "sockets.hpp"

namespace tunnel::bench {
namespace {

namespace fs = std::filesystem;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// sshd insists on being started by its full path, as it starts itself again for every connection.
constexpr const char* sshd = "/usr/sbin/sshd";

std::string user_name() {
  const passwd* entry = getpwuid(geteuid());
  if (entry == nullptr) throw std::runtime_error("this user has no name that sshd could know");
  return entry->pw_name;
}

bool answers(std::uint16_t port) {
  const descriptor socket = connect_to_loopback(port);
  pollfd wait{socket.get(), POLLIN, 0};
  return poll(&wait, 1, 2000) > 0 && (wait.revents & POLLIN) != 0 && pending_error(socket.get()) == 0;
}

}  // namespace

ssh_server::ssh_server(const fs::path& programs) : user_(user_name()), port_(free_port()) {
  make_key(host_key());
  make_key(user_key());
  fs::copy_file(user_key().string() + ".pub", folder_.path() / "authorized_keys");
  add_known_port(port_);
  write_configuration(programs);
  // Run by root, sshd wants this folder, which Debian makes only when its service starts.
  if (geteuid() == 0) fs::create_directories("/run/sshd");
  start();
}

void ssh_server::make_key(const fs::path& file) const {
  process keygen({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file}, folder_.path() / "keygen.log");
  if (keygen.wait() == 0) return;
  throw std::runtime_error("ssh-keygen failed: " + last_line(folder_.path() / "keygen.log"));
}

void ssh_server::add_known_port(std::uint16_t port) {
  std::ifstream key(host_key().string() + ".pub");
  std::string type;
  std::string base64;
  key >> type >> base64;
  std::ofstream(known_hosts(), std::ios::app)
      << "[127.0.0.1]:" << port << ' ' << type << ' ' << base64 << '\n';
}

void ssh_server::write_configuration(const fs::path& programs) const {
  std::ofstream(folder_.path() / "sshd_config")
      << "ListenAddress 127.0.0.1\n"
      << "Port " << port_ << '\n'
      << "HostKey " << host_key().string() << '\n'
      << "AuthorizedKeysFile " << folder_.path().string() << "/authorized_keys\n"
      << "StrictModes no\n"
      << "UsePAM no\n"
      << "PermitRootLogin prohibit-password\n"
      << "PasswordAuthentication no\n"
      << "KbdInteractiveAuthentication no\n"
      << "MaxStartups 100\n"
      << "PidFile none\n"
      << "UseDNS no\n"
      // Without a home, so that nobody's start-up files change the path.
      << "SetEnv HOME=/nonexistent \"PATH=" << programs.string() << ":/usr/bin:/bin\"\n"
      << "LogLevel ERROR\n";
}

void ssh_server::start() {
  const fs::path log = folder_.path() / "sshd.log";
  const fs::path configuration = folder_.path() / "sshd_config";
  daemon_ = std::make_unique<process>(std::vector<std::string>{sshd, "-D", "-e", "-f", configuration}, log);
  const auto until = clock::now() + 10s;
  while (!answers(port_)) {
    throw_if_interrupted();
    if (!daemon_->is_running()) throw std::runtime_error("sshd did not start: " + last_line(log));
    if (clock::now() > until) throw std::runtime_error("sshd does not answer on loopback");
    std::this_thread::sleep_for(10ms);
  }
}

void ssh_server::settle() const {
  const auto until = clock::now() + 3s;
  while (has_children(id()) && clock::now() < until) std::this_thread::sleep_for(5ms);
}

}  // namespace tunnel::bench
