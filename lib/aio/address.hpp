#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aio/asio.hpp"

namespace tunnel::aio {

/// "127.0.0.1:1080", "[::1]:1080".
std::string to_text(const asio::ip::address& address, std::uint16_t port);
inline std::string to_text(const tcp::endpoint& where) {
  return to_text(where.address(), where.port());
}

/// The IPv4 address that an IPv6 socket shows as an IPv4-mapped one (RFC 4291 section 2.5.5.2); any other as
/// it is.
asio::ip::address unmapped(const asio::ip::address& address);

/// The addresses of both families, IPv4 first, for what ssh's -D has as one: "localhost" and nothing are
/// loopback, "*", the empty text and with `gateway` (-g) nothing are every address. Empty for any other name.
std::vector<asio::ip::address> local_pair(const std::optional<std::string>& name, bool gateway);

}  // namespace tunnel::aio
