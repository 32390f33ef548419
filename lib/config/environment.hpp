#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "config/file.hpp"
#include "config/settings.hpp"

namespace tunnel::config {

/// What configuration depends on; injected, so that tests need no real home. All functions are set.
struct environment {
  /// The user's home as the password database has it (ssh does not ask $HOME).
  std::string home;
  std::string local_user;
  uid_t uid = 0;
  /// As gethostname(2) has it.
  std::string host_name;
  /// Where the system's configuration is: ssh_config, ssh_known_hosts.
  std::string system_directory = "/etc/ssh";
  /// Looks up an environment variable.
  std::function<std::optional<std::string>(const std::string&)> variable;
  /// Looks up another user's home, for `~name/`.
  std::function<std::optional<std::string>(const std::string&)> home_of;
  /// Reads a configuration file (see config::read_file).
  std::function<result<file_content>(const std::string&, std::size_t)> read;
  /// Whether there is anything at a path. Errors: as stat(2) says.
  std::function<result<void>(const std::string&)> examine;
  /// Whether a group has the user as its only member, as each user's own on Debian has.
  std::function<bool(gid_t)> is_private_group;
  /// The files that a glob(7) pattern names, in order.
  std::function<std::vector<std::string>(const std::string&)> glob;
  /// Runs a command in the user's shell and gives its exit status (Match exec).
  std::function<result<int>(const std::string&)> run;
  /// Looks a host up: its canonical name as getaddrinfo(3) has it, or nothing if the host is not known.
  std::function<std::optional<std::string>(const std::string& host, address_family)> canonical_name;
};

/// An environment variable of the process.
std::optional<std::string> process_variable(const std::string& name);

/// The process's own. Errors: the user who runs it is not in the password database.
result<environment> system_environment();

/// `~` and `~name` at the beginning of a path become that user's home. Errors: errc::malformed, no such user.
result<std::string> expand_home(std::string_view path, const environment& env);

}  // namespace tunnel::config
