#include "udp/client/hev.hpp"

#include <algorithm>
#include <utility>

namespace tunnel::udp::hev {

namespace {

constexpr std::size_t fixed_part = 3;
constexpr std::size_t selection_size = 2;
// Up to ATYP.
constexpr std::size_t reply_head = 4;
constexpr octet socks5 = 0x05;

}  // namespace

handshake::state handshake::feed(octet_view& data) {
  // What is behind the answers is not theirs, and an address says only as it comes how long it is.
  while (!data.empty()) {
    received_.push_back(data.front());
    data = data.subspan(1);
    if (const auto now = judge(); now != state::incomplete) return now;
  }
  return state::incomplete;
}

handshake::state handshake::judge() {
  const octet_view in(received_);
  if (in[0] != socks5) return fail("it does not speak SOCKS5");
  if (in.size() >= selection_size && in[1] != 0) return fail("it wants its clients to authenticate");
  if (in.size() < selection_size + reply_head) return state::incomplete;
  const auto reply = in.subspan(selection_size);
  if (reply[0] != socks5) return fail("it does not speak SOCKS5");
  if (reply[1] != 0) return fail("it refuses UDP in TCP with reply " + std::to_string(reply[1]));
  const auto address = reply.subspan(reply_head - 1);
  socks::address ignored;
  if (socks::parse_address(address, ignored) != 0) return state::done;
  return address.size() < socks::max_address ? state::incomplete : fail("its reply makes no sense");
}

handshake::state handshake::fail(std::string reason) {
  reason_ = std::move(reason);
  return state::failed;
}

std::size_t frame_size(octet_view beginning) {
  if (beginning.size() < fixed_part) return 0;
  const auto data_size = static_cast<std::size_t>(beginning[0] << 8 | beginning[1]);
  // Never less than what had to be seen.
  return std::max<std::size_t>(beginning[2], fixed_part) + data_size;
}

bool parse(octet_view frame, datagram& out) {
  if (frame.size() < fixed_part || frame[2] < fixed_part || frame.size() < frame[2]) return false;
  const auto address = frame.subspan(fixed_part, frame[2] - fixed_part);
  if (socks::parse_address(address, out.peer) != address.size() || address.empty()) return false;
  out.data = frame.subspan(frame[2]);
  return true;
}

std::size_t write_header(std::span<octet, max_header> out, const socks::address& peer,
                         std::size_t data_size) {
  const auto address_size = socks::write_address(out.subspan<fixed_part>(), peer);
  if (address_size + data_size > max_size || fixed_part + address_size > 0xff) return 0;
  out[0] = static_cast<octet>(data_size >> 8);
  out[1] = static_cast<octet>(data_size & 0xff);
  out[2] = static_cast<octet>(fixed_part + address_size);
  return fixed_part + address_size;
}

}  // namespace tunnel::udp::hev
