#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "base/octets.hpp"
#include "socks/address.hpp"

/// UDP datagrams on a stream of octets, as tunnel and its relays speak it: docs/udp-relay.md has it octet by
/// octet. One stream carries many associations. Both sides say the greeting first and then send frames.
namespace tunnel::udp::framing {

inline constexpr octet version = 1;

/// What either side says first: a text that no login shell prints by chance, and the version.
inline constexpr std::array<octet, 13> greeting_octets{0x00, 't', 'u', 'n', 'n',  'e',    'l',
                                                       '-',  'u', 'd', 'p', 0x00, version};
inline constexpr std::size_t magic_size = greeting_octets.size() - 1;

enum class message_type : octet { datagram = 1, close = 2, notice = 3, failure = 4 };

/// Specification: the length, a message_type and the association.
inline constexpr std::size_t length_size = 3;
inline constexpr std::size_t head_size = length_size + 1 + 4;

/// Specification: the most that UDP carries over IPv6 without jumbograms (RFC 8200 section 4.5's 16 bits of
/// payload length, less UDP's header). Over IPv4 it is 65,507.
inline constexpr std::size_t max_payload = 65'527;

/// ATYP, a length octet, the longest name, a port.
inline constexpr std::size_t max_address_size = 1 + 1 + socks::max_host + 2;

/// What the length may say: octets behind it.
inline constexpr std::size_t min_length = head_size - length_size;
inline constexpr std::size_t max_length = min_length + max_address_size + max_payload;
inline constexpr std::size_t max_frame = length_size + max_length;

/// Policy: a longer text is cut by the encoder; the decoder takes what a frame holds.
inline constexpr std::size_t max_text = 512;

/// RFC 1928 section 5's address form without a copy of its own. The host is 4 or 16 octets, or a name of 1 to
/// 255 octets, as the type says. Names are unchecked octets: sanitise() before showing one.
struct address_view {
  socks::address_type type = socks::address_type::ipv4;
  octet_view host;
  std::uint16_t port = 0;
};

/// The view lives as long as the address, unchanged.
[[nodiscard]] address_view view_of(const socks::address& value);
[[nodiscard]] socks::address to_address(const address_view& value);

/// Nothing to do until more octets are fed.
struct need_more {};

/// The peer has said its version, and it is ours. Comes once, before everything else.
struct greeting {};

/// To the relay: send this to `address`. From it: this came from `address`, never a name. The first one of an
/// association opens it.
struct datagram {
  std::uint32_t association = 0;
  address_view address;
  octet_view payload;
};

/// The association is over; its number may be used again. From the client without a reason.
struct closed {
  std::uint32_t association = 0;
  std::string_view reason;
};

/// Something that the relay could not do for an association which goes on, such as to find a name. For a log.
struct notice {
  std::uint32_t association = 0;
  std::string_view text;
};

using event = std::variant<need_more, greeting, datagram, closed, notice>;

}  // namespace tunnel::udp::framing
