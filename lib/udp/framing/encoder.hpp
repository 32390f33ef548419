#pragma once

#include "udp/framing/message.hpp"

/// Frames written into room that the caller owns; nothing is allocated. Each function gives the octets that
/// it wrote, from the front of the room. Too little room (`max_frame` is always enough), a payload beyond
/// `max_payload` and a host that does not fit its type are bugs and throw std::length_error.
namespace tunnel::udp::framing {

/// A frame's first `head_size` octets, for a body of `body_size` octets that stands behind them already: RFC
/// 1928 section 7's header, from ATYP on, with its data is a datagram's body as it is.
void encode_head(octet_span room, message_type type, std::uint32_t association, std::size_t body_size);

/// ATYP, address, port.
std::size_t encode_address(octet_span room, const address_view& address);

std::size_t encode_datagram(octet_span room, std::uint32_t association, const address_view& address,
                            octet_view payload);

/// The text, or reason, is cut after `max_text` octets.
std::size_t encode_close(octet_span room, std::uint32_t association, std::string_view reason = {});
std::size_t encode_notice(octet_span room, std::uint32_t association, std::string_view text);

/// The last frame of a stream.
std::size_t encode_failure(octet_span room, std::string_view text);

}  // namespace tunnel::udp::framing
