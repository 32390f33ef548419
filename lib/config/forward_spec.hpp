#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tunnel::config {

/// Where a listener is to stand: `-D` and DynamicForward.
struct forward_spec {
  /// A name or an address without brackets; `*` and the empty text are every address. Nothing: not said, so
  /// GatewayPorts decides between the loopback and every address. `localhost` is the loopback of both
  /// families.
  std::optional<std::string> bind_address;
  /// 0: the system picks one.
  std::uint16_t port = 0;
  /// A Unix socket's path instead of the two above, when not empty.
  std::string socket_path;

  friend bool operator==(const forward_spec&, const forward_spec&) = default;
};

/// Parses `[bind_address:]port`, with IPv6 addresses in brackets, `*` or nothing before the colon for every
/// address, or a Unix socket's path, which is told by a slash. Environment variables of the process are
/// expanded, a port may be the name of a service, and other than with ssh it may be 0. Errors:
/// errc::malformed.
result<forward_spec> parse_dynamic_forward(std::string_view text);

}  // namespace tunnel::config
