#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tunnel::config {

/// The octet of an IP header that says how packets are to be treated (RFC 2474), or the system's choice.
using type_of_service = int;
inline constexpr type_of_service system_service = -1;

/// ssh_config(5), IPQoS: one for sessions with a terminal, one for all else, tunnels among them.
struct ip_qos {
  type_of_service interactive = 0x10;
  type_of_service other = 0x08;

  friend bool operator==(const ip_qos&, const ip_qos&) = default;
};

/// Reads a name such as `cs1` or `lowdelay`, a number in C's notation, or `none`. Nothing: no such value.
std::optional<type_of_service> parse_type_of_service(std::string_view text);

/// As ssh writes it.
std::string name_of(type_of_service value);

}  // namespace tunnel::config
