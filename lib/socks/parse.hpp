#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "base/octets.hpp"
#include "socks/handshake.hpp"
#include "socks/request.hpp"

// The messages of a handshake, each parsed from its first octet on. A parser looks at the octets in their
// order and never reports a violation that a longer input would undo, so the result does not depend on how
// the input was split.
namespace tunnel::socks {

/// Octets of a port (RFC 1928 section 4).
inline constexpr std::size_t port_size = 2;

/// A complete message and how many octets it took.
template <class T>
struct message {
  T value;
  std::size_t length;
};

template <class T>
using parsed = std::variant<need_more, violation, message<T>>;

/// SOCKS4 and SOCKS4a, from VN on.
parsed<request> parse_socks4_request(octet_view in);

/// The version identifier and method selection message (RFC 1928 section 3), from VER on. The value is the
/// method to select.
parsed<method> parse_socks5_greeting(octet_view in);

/// RFC 1928 section 4, from VER on.
parsed<request> parse_socks5_request(octet_view in);

/// Whether a host name can be passed on. Controls and NUL are in no name, and would end or forge lines
/// where names are logged or stored.
bool is_clean_name(std::string_view name);

/// "0x1f"
std::string hexadecimal(octet value);

}  // namespace tunnel::socks
