#include "proxy/expected_peer.hpp"

#include <string>

#include "aio/address.hpp"

namespace tunnel::proxy {

namespace {

// Without a zone (RFC 4007): it means something on the server alone, and SOCKS has none.
std::optional<asio::ip::address> spelled(const std::string& text) {
  boost::system::error_code failure;
  const auto host = aio::unmapped(asio::ip::make_address(text, failure));
  if (failure) return std::nullopt;
  if (host.is_v6()) return asio::ip::address_v6(host.to_v6().to_bytes());
  return host;
}

}  // namespace

expected_peer::expected_peer(const socks::address& named) : only_(spelled(named.host_text())) {
  if (only_ && only_->is_unspecified()) only_.reset();
}

bool expected_peer::admits(const ssh::endpoint& who) const {
  return is_anybody() || spelled(who.host) == only_;
}

socks::address socks_address(const asio::ip::address& host, std::uint16_t port) {
  const auto plain = aio::unmapped(host);
  if (plain.is_v4()) return {plain.to_v4().to_bytes(), port};
  return {plain.to_v6().to_bytes(), port};
}

socks::address socks_address(const ssh::endpoint& where) {
  const auto host = spelled(where.host);
  return host ? socks_address(*host, where.port) : socks::address{socks::ipv4{}, where.port};
}

}  // namespace tunnel::proxy
