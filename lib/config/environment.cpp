#include "config/environment.hpp"

#include <glob.h>
#include <limits.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "config/errors.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

std::optional<std::string> process_variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

std::optional<std::string> home_in_database(const std::string& user) {
  const passwd* const entry = ::getpwnam(user.c_str());
  if (entry == nullptr) return std::nullopt;
  return entry->pw_dir;
}

std::vector<std::string> files_named_by(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return paths;
}

}  // namespace

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
  env.glob = files_named_by;
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
