#pragma once

#include <cstdint>
#include <string>

namespace tunnel::ssh {

/// A host, as a name or as an address literal without brackets, and a TCP port.
struct endpoint {
  std::string host;
  std::uint16_t port = 0;

  /// "host:port", an IPv6 literal in brackets. For messages.
  [[nodiscard]] std::string text() const {
    const bool bare_ipv6 = host.find(':') != std::string::npos;
    return (bare_ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
  }
};

}  // namespace tunnel::ssh
