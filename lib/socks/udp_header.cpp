#include "socks/udp_header.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "parse.hpp"

namespace tunnel::socks {
namespace {

constexpr std::size_t type_size = 1;
constexpr std::size_t udp_fixed_part = 3;

std::uint16_t port_at(octet_view in) {
  return static_cast<std::uint16_t>(in[0] << 8 | in[1]);
}

template <class Host>
std::size_t parse_numeric(octet_view in, address& out) {
  Host host{};
  const std::size_t length = type_size + host.size() + port_size;
  if (in.size() < length) return 0;
  std::copy_n(in.begin() + type_size, host.size(), host.begin());
  out.host = host;
  out.port = port_at(in.subspan(length - port_size));
  return length;
}

std::size_t parse_named(octet_view in, address& out) {
  constexpr std::size_t name_offset = type_size + 1;
  if (in.size() < name_offset) return 0;
  const std::size_t size = in[type_size];
  const std::size_t length = name_offset + size + port_size;
  if (size == 0 || in.size() < length) return 0;
  const auto name = as_text(in.subspan(name_offset, size));
  if (!is_clean_name(name)) return 0;
  // Assigned rather than replaced, so that a string that is there keeps its storage.
  if (auto* kept = std::get_if<std::string>(&out.host)) {
    kept->assign(name);
  } else {
    out.host = std::string(name);
  }
  out.port = port_at(in.subspan(length - port_size));
  return length;
}

struct written_host {
  address_type type;
  octet_view octets;
};

written_host host_of(const address& value) {
  if (const auto* four = std::get_if<ipv4>(&value.host)) return {address_type::ipv4, *four};
  if (const auto* six = std::get_if<ipv6>(&value.host)) return {address_type::ipv6, *six};
  const auto& name = std::get<std::string>(value.host);
  if (name.empty() || name.size() > max_host) throw std::length_error("a SOCKS name has 1 to 255 octets");
  return {address_type::domain_name, as_octets(name)};
}

}  // namespace

std::size_t parse_address(octet_view in, address& out) {
  if (in.empty()) return 0;
  switch (address_type{in[0]}) {
    case address_type::ipv4:
      return parse_numeric<ipv4>(in, out);
    case address_type::ipv6:
      return parse_numeric<ipv6>(in, out);
    case address_type::domain_name:
      return parse_named(in, out);
  }
  return 0;
}

std::size_t write_address(std::span<octet, max_address> out, const address& value) {
  const auto [type, host] = host_of(value);
  auto next = out.begin();
  *next++ = static_cast<octet>(type);
  if (type == address_type::domain_name) *next++ = static_cast<octet>(host.size());
  next = std::copy(host.begin(), host.end(), next);
  *next++ = static_cast<octet>(value.port >> 8);
  *next++ = static_cast<octet>(value.port & 0xff);
  return static_cast<std::size_t>(next - out.begin());
}

bool parse_udp_datagram(octet_view in, udp_datagram& out) {
  if (in.size() < udp_fixed_part || in[0] != 0 || in[1] != 0) return false;
  const std::size_t length = parse_address(in.subspan(udp_fixed_part), out.peer);
  if (length == 0) return false;
  out.fragment = in[2];
  out.data = in.subspan(udp_fixed_part + length);
  return true;
}

std::size_t write_udp_header(std::span<octet, max_udp_header> out, const address& peer) {
  std::fill_n(out.begin(), udp_fixed_part, octet{0});
  return udp_fixed_part + write_address(out.subspan<udp_fixed_part>(), peer);
}

}  // namespace tunnel::socks
