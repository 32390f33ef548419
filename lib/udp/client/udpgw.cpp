#include "udp/client/udpgw.hpp"

#include <algorithm>

namespace tunnel::udp::udpgw {

namespace {

constexpr std::size_t length_size = 2;
constexpr std::size_t flags_offset = length_size;
constexpr std::size_t conid_offset = flags_offset + 1;
constexpr std::size_t address_offset = conid_offset + 2;

std::uint16_t little_endian(octet_view in) {
  return static_cast<std::uint16_t>(in[0] | in[1] << 8);
}

octet* write_little_endian(octet* out, std::size_t value) {
  *out++ = static_cast<octet>(value & 0xff);
  *out++ = static_cast<octet>(value >> 8 & 0xff);
  return out;
}

template <class Host>
std::optional<datagram> parse_from(octet_view frame) {
  Host host{};
  const std::size_t port_offset = address_offset + host.size();
  if (frame.size() < port_offset + 2) return std::nullopt;
  std::copy_n(frame.begin() + address_offset, host.size(), host.begin());
  const auto port = static_cast<std::uint16_t>(frame[port_offset] << 8 | frame[port_offset + 1]);
  return datagram{little_endian(frame.subspan(conid_offset)), {host, port}, frame.subspan(port_offset + 2)};
}

octet_view host_of(const socks::address& peer) {
  if (const auto* six = std::get_if<socks::ipv6>(&peer.host)) return *six;
  return std::get<socks::ipv4>(peer.host);
}

}  // namespace

std::size_t frame_size(octet_view beginning) {
  return beginning.size() < length_size ? 0 : length_size + little_endian(beginning);
}

std::optional<datagram> parse(octet_view frame) {
  if (frame.size() < address_offset || (frame[flags_offset] & keepalive) != 0) return std::nullopt;
  return (frame[flags_offset] & is_ipv6) != 0 ? parse_from<socks::ipv6>(frame)
                                              : parse_from<socks::ipv4>(frame);
}

std::size_t write_header(std::span<octet, max_header> out, octet flags, std::uint16_t conid,
                         const socks::address& peer, std::size_t data_size) {
  const auto host = host_of(peer);
  const std::size_t size = address_offset + host.size() + 2;
  auto* next = write_little_endian(out.data(), size - length_size + data_size);
  *next++ = host.size() == 16 ? static_cast<octet>(flags | is_ipv6) : flags;
  next = std::copy(host.begin(), host.end(), write_little_endian(next, conid));
  *next++ = static_cast<octet>(peer.port >> 8);
  *next = static_cast<octet>(peer.port & 0xff);
  return size;
}

conid_table::assignment conid_table::assign(std::uint32_t association, const socks::address& peer) {
  // They are few enough to be looked at one after the other.
  entry* oldest = entries_.data();
  entry* found = nullptr;
  for (auto& each : entries_) {
    if (each.association == association && each.peer == peer) {
      found = &each;
      break;
    }
    if (each.used < oldest->used) oldest = &each;
  }
  const bool fresh = found == nullptr;
  if (fresh) {
    found = oldest;
    found->association = association;
    found->peer = peer;
  }
  found->used = ++uses_;
  return {static_cast<std::uint16_t>(found - entries_.data()), fresh};
}

std::optional<std::uint32_t> conid_table::owner_of(std::uint16_t conid, const socks::address& peer) const {
  if (conid >= entries_.size() || entries_[conid].peer != peer) return std::nullopt;
  return entries_[conid].association;
}

void conid_table::release(std::uint32_t association) {
  for (auto& each : entries_) {
    if (each.association == association) each = entry{};
  }
}

}  // namespace tunnel::udp::udpgw
