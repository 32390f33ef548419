#include "relay/privileges.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

namespace tunnel::relay {
namespace {

struct identity {
  uid_t user = 65534;
  gid_t group = 65534;
};

error failed(const std::string& what) {
  return with_reason(what, error_code(errno, boost::system::system_category()));
}

// Nobody has these numbers even where no file says so.
result<identity> find(const std::string& name) {
  std::vector<char> room(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found) == 0 && found != nullptr)
    return identity{entry.pw_uid, entry.pw_gid};
  if (name == "nobody") return identity{};
  return error{make_error_code(boost::system::errc::invalid_argument), "there is no user " + name};
}

result<void> become(const std::string& name) {
  const auto wanted = find(name);
  if (!wanted) return wanted.error();
  const auto what = "cannot become the user " + name + "; name another with --user";
  if (::setgroups(0, nullptr) != 0) return failed(what);
  if (::setresgid(wanted->group, wanted->group, wanted->group) != 0) return failed(what);
  if (::setresuid(wanted->user, wanted->user, wanted->user) != 0) return failed(what);
  return boost::system::in_place_value;
}

result<void> drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  if (::syscall(SYS_capset, &header, none.data()) != 0) return failed("cannot give up capabilities");
  return boost::system::in_place_value;
}

}  // namespace

result<void> drop_privileges(const std::optional<std::string>& user) {
  if (::geteuid() != 0 && user) {
    return error{make_error_code(boost::system::errc::operation_not_permitted), "--user is for root alone"};
  }
  // Capabilities go whether or not it becomes another user.
  result<void> become_it = boost::system::in_place_value;
  if (::geteuid() == 0) become_it = become(user.value_or("nobody"));
  if (const auto dropped = drop_capabilities(); !dropped) return dropped.error();
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("cannot give up gaining privileges");
  // No other process of the user that it has become looks into it.
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  return become_it;
}

}  // namespace tunnel::relay
