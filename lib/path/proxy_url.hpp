#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/locked_secret.hpp"
#include "socks/client_handshake.hpp"
#include "ssh/endpoint.hpp"

namespace tunnel::path {

/// What a proxy speaks. Of SOCKS the two without a letter want names looked up on this machine.
enum class proxy_protocol { http, https, socks4, socks4a, socks5, socks5h };

/// "socks5h"
std::string_view name_of(proxy_protocol protocol);

/// A proxy that connections go through.
struct proxy_settings {
  proxy_protocol protocol = proxy_protocol::http;
  ssh::endpoint at;
  std::optional<std::string> user;
  /// Nothing, where there is a user: the user at the terminal is asked for it.
  std::optional<locked_secret> password;
};

/// Reads `scheme://[user@]host[:port]`. The port is 80, 443 or 1080 unless it says one; the user may be
/// percent-encoded, and an IPv6 address is in brackets.
///
/// Errors: errc::malformed, without the text itself when there is a password in it, which is refused: others
/// can read a command line.
result<proxy_settings> parse_proxy(std::string_view url);

/// Reads a file that has `user:password` in its first line. Errors: errc::malformed, also where others than
/// its owner, who is the user, may read it; the system's.
result<socks::credentials> read_credentials(const std::string& path);

}  // namespace tunnel::path
