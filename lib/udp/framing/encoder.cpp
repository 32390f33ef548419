#include "udp/framing/encoder.hpp"

#include <algorithm>
#include <stdexcept>

namespace tunnel::udp::framing {
namespace {

void require_room(octet_span room, std::size_t needed) {
  if (room.size() < needed) throw std::length_error("too little room for a UDP frame");
}

bool fits(const address_view& address) {
  switch (address.type) {
    case socks::address_type::ipv4:
      return address.host.size() == 4;
    case socks::address_type::ipv6:
      return address.host.size() == 16;
    case socks::address_type::domain_name:
      break;
  }
  return !address.host.empty() && address.host.size() <= socks::max_host;
}

std::size_t encode_text(octet_span room, message_type type, std::uint32_t association,
                        std::string_view text) {
  const auto cut = as_octets(text.substr(0, max_text));
  require_room(room, head_size + cut.size());
  encode_head(room, type, association, cut.size());
  std::ranges::copy(cut, room.begin() + head_size);
  return head_size + cut.size();
}

}  // namespace

void encode_head(octet_span room, message_type type, std::uint32_t association, std::size_t body_size) {
  require_room(room, head_size);
  if (body_size > max_length - min_length) throw std::length_error("too long for a UDP frame");
  const std::size_t length = min_length + body_size;
  room[0] = static_cast<octet>(length >> 16);
  room[1] = static_cast<octet>(length >> 8);
  room[2] = static_cast<octet>(length);
  room[3] = static_cast<octet>(type);
  room[4] = static_cast<octet>(association >> 24);
  room[5] = static_cast<octet>(association >> 16);
  room[6] = static_cast<octet>(association >> 8);
  room[7] = static_cast<octet>(association);
}

std::size_t encode_address(octet_span room, const address_view& address) {
  if (!fits(address)) throw std::length_error("a host that does not fit its address type");
  const bool named = address.type == socks::address_type::domain_name;
  const std::size_t front = named ? 2 : 1;
  const std::size_t size = front + address.host.size() + 2;
  require_room(room, size);
  room[0] = static_cast<octet>(address.type);
  if (named) room[1] = static_cast<octet>(address.host.size());
  std::ranges::copy(address.host, room.subspan(front).begin());
  room[size - 2] = static_cast<octet>(address.port >> 8);
  room[size - 1] = static_cast<octet>(address.port);
  return size;
}

std::size_t encode_datagram(octet_span room, std::uint32_t association, const address_view& address,
                            octet_view payload) {
  if (payload.size() > max_payload) throw std::length_error("a payload that no UDP datagram holds");
  require_room(room, head_size);
  const std::size_t address_size = encode_address(room.subspan(head_size), address);
  require_room(room.subspan(head_size + address_size), payload.size());
  std::ranges::copy(payload, room.subspan(head_size + address_size).begin());
  encode_head(room, message_type::datagram, association, address_size + payload.size());
  return head_size + address_size + payload.size();
}

std::size_t encode_close(octet_span room, std::uint32_t association, std::string_view reason) {
  return encode_text(room, message_type::close, association, reason);
}

std::size_t encode_notice(octet_span room, std::uint32_t association, std::string_view text) {
  return encode_text(room, message_type::notice, association, text);
}

std::size_t encode_failure(octet_span room, std::string_view text) {
  return encode_text(room, message_type::failure, 0, text);
}

}  // namespace tunnel::udp::framing
