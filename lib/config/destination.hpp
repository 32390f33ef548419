#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tunnel::config {

/// SSH's port, where none is named (RFC 4253 section 4.1).
inline constexpr std::uint16_t default_port = 22;

/// The server as it was named on the command line.
struct destination {
  std::string host;
  std::optional<std::string> user;
  std::optional<std::uint16_t> port;

  friend bool operator==(const destination&, const destination&) = default;
};

/// Parses `host`, `user@host` (the last @ splits) and `ssh://[user@]host[:port]`, where user and host may be
/// percent-encoded and an IPv6 address is in brackets. Brackets around an address are dropped in every form,
/// and those around a name in that with `ssh://`, as in ssh. A port may be the name of a service.
///
/// Errors: errc::malformed; user and host are checked by the two functions below.
result<destination> parse_destination(std::string_view text);

/// Parses a host to jump over: `[user@]host[:port]`, where the host may be in brackets and an IPv6 address
/// is, or the form with `ssh://`. Errors: as above.
result<destination> parse_jump_host(std::string_view text);

/// Refuses, with a sentence, a host that no resolver knows but a shell or an option parser may: empty,
/// beginning with `-`, with white space, control characters or shell metacharacters, or beyond 1024 octets.
/// The host may come from a configuration file or from text that somebody else sent: check every one.
result<void> check_host(std::string_view host);

/// The same for a user's name. As in ssh, a space (not before `-`), `$` and a backslash (not last) pass:
/// directory services put them there.
result<void> check_user(std::string_view user);

/// The same for a user whom a file names, which is the user's own: as in ssh, what a shell would take for
/// more passes. Where a command is made of it, it must pass check_user all the same.
result<void> check_user_of_file(std::string_view user);

}  // namespace tunnel::config
