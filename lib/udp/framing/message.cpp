#include "udp/framing/message.hpp"

#include <algorithm>

namespace tunnel::udp::framing {
namespace {

template <class Numeric>
socks::address numeric(const address_view& value) {
  Numeric host{};
  std::ranges::copy(value.host.first(host.size()), host.begin());
  return {host, value.port};
}

}  // namespace

address_view view_of(const socks::address& value) {
  if (const auto* four = std::get_if<socks::ipv4>(&value.host))
    return {socks::address_type::ipv4, *four, value.port};
  if (const auto* six = std::get_if<socks::ipv6>(&value.host))
    return {socks::address_type::ipv6, *six, value.port};
  return {socks::address_type::domain_name, as_octets(std::get<std::string>(value.host)), value.port};
}

socks::address to_address(const address_view& value) {
  switch (value.type) {
    case socks::address_type::ipv4:
      return numeric<socks::ipv4>(value);
    case socks::address_type::ipv6:
      return numeric<socks::ipv6>(value);
    case socks::address_type::domain_name:
      break;
  }
  return {std::string(as_text(value.host)), value.port};
}

}  // namespace tunnel::udp::framing
