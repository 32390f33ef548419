#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "base/octets.hpp"

namespace tunnel::socks {

/// ATYP (RFC 1928 section 5).
enum class address_type : octet { ipv4 = 0x01, domain_name = 0x03, ipv6 = 0x04 };

/// In network order, as on the wire.
using ipv4 = std::array<octet, 4>;
using ipv6 = std::array<octet, 16>;

/// The longest name that a SOCKS5 address holds: its length is one octet (RFC 1928 section 5). SOCKS4a
/// names no limit; ours is the same, and it is also the longest name that DNS can hold.
inline constexpr std::size_t max_host = 255;

/// An address and port as SOCKS carries them: DST.ADDR with DST.PORT, or BND.ADDR with BND.PORT.
///
/// A name is kept exactly as it was sent, even one that spells an IP address: the far side resolves it.
/// The default is 0.0.0.0:0, which stands for "none" in replies.
struct address {
  std::variant<ipv4, ipv6, std::string> host = ipv4{};
  std::uint16_t port = 0;

  /// The host alone, for use as the host of a direct-tcpip channel: the name unchanged, or the address
  /// in text form without brackets.
  [[nodiscard]] std::string host_text() const;

  /// "192.0.2.1:80", "[2001:db8::1]:80", "example.org:80", for logs and messages: a name is sanitised.
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const address&, const address&) = default;
};

/// Appends ATYP, address and port (RFC 1928 sections 5 and 6). A name must have 1 to `max_host` octets;
/// anything else is a bug in the caller and throws std::length_error.
void append_address(octets& out, const address& value);

}  // namespace tunnel::socks
