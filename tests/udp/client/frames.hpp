#pragma once

#include <string_view>

/// What goes over a channel to a relay or a gateway, octet by octet.
namespace tunnel::udp {

inline constexpr std::string_view greeting("\0tunnel-udp\0\1", 13);
/// Association 1, to or from 8.8.8.8:53.
inline constexpr std::string_view framed_datagram(
    "\0\0\x10\1\0\0\0\1\1\x08\x08\x08\x08\0\x35"
    "data",
    19);

}  // namespace tunnel::udp
