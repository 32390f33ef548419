#include "config/environment.hpp"

#include <glob.h>
#include <grp.h>
#include <limits.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "config/command.hpp"
#include "config/errors.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

std::optional<std::string> home_in_database(const std::string& user) {
  const passwd* const entry = ::getpwnam(user.c_str());
  if (entry == nullptr) return std::nullopt;
  return entry->pw_dir;
}

bool is_private_group_of(const std::string& user, uid_t uid, gid_t group) {
  const ::group* const entry = ::getgrgid(group);
  if (entry == nullptr) return false;
  bool has_user = false;
  for (char** each = entry->gr_mem; *each != nullptr; ++each) {
    if (*each != user) return false;
    has_user = true;
  }
  // Those whose first group it is are no members by name.
  ::setpwent();
  bool has_others = false;
  while (const passwd* const each = ::getpwent()) {
    if (each->pw_gid != group) continue;
    has_user = has_user || each->pw_uid == uid;
    has_others = has_others || each->pw_uid != uid;
  }
  ::endpwent();
  return has_user && !has_others;
}

result<void> look_at(const std::string& path) {
  struct stat ignored {};
  if (::stat(path.c_str(), &ignored) != 0) return system_failure("cannot find " + path, errno);
  return {};
}

std::vector<std::string> files_named_by(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return paths;
}

// As ssh does: what the user calls a shell, whether it is one or not.
result<int> status_in_shell(const std::string& command) {
  const std::string shell = process_variable("SHELL").value_or("/bin/sh");
  const auto outcome = run_command({shell, "-c", command}, command_output::ignored);
  if (!outcome) return outcome.error();
  return outcome->status;
}

std::optional<std::string> canonical_name_of(const std::string& host, address_family family) {
  addrinfo hints{};
  hints.ai_flags = AI_CANONNAME;
  hints.ai_socktype = SOCK_STREAM;
  if (family == address_family::inet) hints.ai_family = AF_INET;
  if (family == address_family::inet6) hints.ai_family = AF_INET6;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  return found->ai_canonname == nullptr ? std::string() : found->ai_canonname;
}

}  // namespace

std::optional<std::string> process_variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

result<environment> system_environment() {
  environment env;
  env.uid = ::getuid();
  errno = 0;
  const passwd* const entry = ::getpwuid(env.uid);
  if (entry == nullptr)
    return system_failure("user id " + std::to_string(env.uid) + " is not in the password database",
                          errno == 0 ? ENOENT : errno);
  env.home = entry->pw_dir;
  env.local_user = entry->pw_name;
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return system_failure("this host has no name", errno);
  env.host_name = name.data();
  env.variable = process_variable;
  env.home_of = home_in_database;
  env.read = read_file;
  env.examine = look_at;
  env.is_private_group = [user = env.local_user, uid = env.uid](gid_t group) {
    return is_private_group_of(user, uid, group);
  };
  env.glob = files_named_by;
  env.run = status_in_shell;
  env.canonical_name = canonical_name_of;
  return env;
}

result<std::string> expand_home(std::string_view path, const environment& env) {
  if (!path.starts_with('~')) return std::string(path);
  const std::size_t slash = std::min(path.find('/'), path.size());
  const std::string user(path.substr(1, slash - 1));
  const std::optional<std::string> home = user.empty() ? env.home : env.home_of(user);
  if (!home) return failure(errc::malformed, "there is no user " + in_quotes(user) + " on this machine");
  return *home + std::string(path.substr(slash));
}

}  // namespace tunnel::config
