#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/collected.hpp"
#include "config/destination.hpp"
#include "config/environment.hpp"
#include "config/settings.hpp"

namespace tunnel::config {

/// An option of the command line that says what a line of a file could say.
struct given_option {
  /// The keyword that a letter stands for: User for -l, Port for -p. IdentityFile is -i, which differs from
  /// the keyword in that a file that is not there is passed over. Empty: -o.
  std::string keyword;
  /// As it was given; of -o `Keyword=value` or `Keyword value`.
  std::string value;

  friend bool operator==(const given_option&, const given_option&) = default;
};

/// What the command line says about the connection.
struct command_line {
  destination target;
  /// In their order: as everywhere, the first value of a keyword wins. Letters that win over -o wherever they
  /// stand (-4, -g) come first. -D is not among them: listeners given there come beside
  /// `settings::dynamic_forward`.
  std::vector<given_option> options;
  /// Those that stand behind the destination, whose own user and port win over them.
  std::vector<given_option> options_behind;
  /// -F: read this file only; `none` reads none.
  std::optional<std::string> file;
};

/// The outcome for one destination.
struct configuration {
  config::settings settings;
  /// The values as they were written, for those who show them (-G).
  collected as_written;
  /// Why a connection cannot be made with them all the same, which for those who show them is no error: a
  /// path of a file to be read names a user or a variable that is not there.
  std::optional<error> obstacle = {};
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

/// The same, where the outcome alone is wanted. Errors: also what stands in its way.
result<settings> load_settings(const command_line& given, const environment& env);

}  // namespace tunnel::config
