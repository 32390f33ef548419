#pragma once

#include <cstddef>
#include <span>

#include "base/octets.hpp"
#include "socks/address.hpp"

// What precedes the data of each datagram between a SOCKS5 client and its proxy (RFC 1928 section 7):
//
//   | RSV 2 | FRAG 1 | ATYP 1 | DST.ADDR | DST.PORT 2 | DATA |
//
// Nothing here allocates but for names that are longer than a std::string holds by itself.
namespace tunnel::socks {

/// ATYP, address and port with the longest name.
inline constexpr std::size_t max_address = 1 + 1 + max_host + 2;

/// The longest header of a datagram.
inline constexpr std::size_t max_udp_header = 2 + 1 + max_address;

/// A datagram from a client, or to it.
struct udp_datagram {
  /// FRAG. 0: a datagram of its own. Anything else is a part of one, which a proxy need not put together and
  /// then must drop.
  octet fragment = 0;
  /// From a client where it is to go; to a client where it came from.
  address peer;
  /// DATA. A view into what was parsed.
  octet_view data;
};

/// Takes a datagram apart. False: it is not one, for it is too short, RSV is not 0, ATYP is unknown, or the
/// name is empty or has control characters; `out` is then of no use. Called again with the same `out` it
/// makes use of the storage there.
bool parse_udp_datagram(octet_view in, udp_datagram& out);

/// Writes the header of a whole datagram and says how long it is. A name of no or more than `max_host` octets
/// is a bug in the caller and throws std::length_error.
std::size_t write_udp_header(std::span<octet, max_udp_header> out, const address& peer);

/// ATYP, address and port at the front of `in`. Says how many octets they took; 0: there are too few of them,
/// or they are none.
std::size_t parse_address(octet_view in, address& out);

/// As append_address(), into a buffer; says how many octets it took.
std::size_t write_address(std::span<octet, max_address> out, const address& value);

}  // namespace tunnel::socks
