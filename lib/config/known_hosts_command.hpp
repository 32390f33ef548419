#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "config/settings.hpp"

namespace tunnel::config {

/// What KnownHostsCommand is asked (ssh_config(5), TOKENS).
struct known_hosts_question {
  /// %I: `ORDER` for the host's key types, `HOSTNAME` for its keys.
  std::string_view reason;
  /// %H: the name to look for.
  std::string name;
  /// %t, %K, %f: the key that the server has shown. Empty: none yet.
  std::string key_type = {};
  octet_view key_blob = {};
  std::string fingerprint = {};
};

/// Runs the command and gives what it wrote: lines of known_hosts. Empty where the user has set none.
///
/// Blocks, at most max_command_time. Errors: errc::command_failed when the command cannot be run, takes too
/// long or says that it failed; do not connect then, as it might have said that the key is revoked.
result<std::string> ask_known_hosts_command(const settings& options, const known_hosts_question& question);

}  // namespace tunnel::config
