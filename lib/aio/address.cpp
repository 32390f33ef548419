#include "aio/address.hpp"

namespace tunnel::aio {

std::string to_text(const asio::ip::address& address, std::uint16_t port) {
  const auto host = address.to_string();
  return (address.is_v6() ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

asio::ip::address unmapped(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

std::vector<asio::ip::address> local_pair(const std::optional<std::string>& name, bool gateway) {
  const std::string wanted = name.value_or(gateway ? "*" : "localhost");
  if (wanted == "*" || wanted.empty()) return {asio::ip::address_v4::any(), asio::ip::address_v6::any()};
  if (wanted == "localhost") return {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
  return {};
}

}  // namespace tunnel::aio
