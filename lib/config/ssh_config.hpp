#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/collected.hpp"
#include "config/destination.hpp"
#include "config/environment.hpp"
#include "config/settings.hpp"

namespace tunnel::config {

/// What the command line says about the connection.
struct command_line {
  destination target;
  /// -l and -p. They win over everything, also over what `target` says.
  std::optional<std::string> user;
  std::optional<std::uint16_t> port;
  /// -i, in order. They come before those of files.
  std::vector<std::string> identity_files;
  /// -o, in order: `Keyword=value` or `Keyword value`. Letters that stand for a keyword (-4, -6, -g) are
  /// put in front as such, for instance `AddressFamily=inet`. -D is not: listeners given there come
  /// beside `settings::dynamic_forward`.
  std::vector<std::string> options;
  /// -F: read this file only; `none` reads none.
  std::optional<std::string> file;
};

/// The outcome for one destination.
struct configuration {
  config::settings settings;
  /// The values as they were written, for those who show them (-G).
  collected as_written;
};

/// Reads the command line's options, then the user's and the system's ssh_config (or -F's file alone), as
/// ssh_config(5) says: the first value wins, blocks apply by host. A file that is not there is no error,
/// but for -F's. The files are read for a second time where a block or CanonicalizeHostname asks for it.
///
/// Blocks: Match exec runs commands, CanonicalizeHostname looks names up.
/// Errors: errc::unknown_keyword, errc::malformed, errc::unreadable (an included file), each with file and
/// line or `command-line`; errc::unsafe_permissions, errc::too_large; errc::command_failed;
/// errc::unknown_host; the system's, when -F's file cannot be read.
result<configuration> load_configuration(const command_line& given, const environment& env);

/// The same, where the outcome alone is wanted.
result<settings> load_settings(const command_line& given, const environment& env);

}  // namespace tunnel::config
