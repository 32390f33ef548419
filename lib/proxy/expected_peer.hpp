#pragma once

#include <optional>

#include "aio/asio.hpp"
#include "socks/address.hpp"
#include "ssh/endpoint.hpp"

namespace tunnel::proxy {

/// Whom a BIND request lets in: DST.ADDR is the host that is to connect (RFC 1928 section 4). Its port does
/// not count, since a protocol's second connection comes from another port than its first.
///
/// 0.0.0.0 and :: stand for anybody, and so does a name: what it means on the server's side is not known
/// here, and nothing is looked up. A name that spells an address is that address.
class expected_peer {
 public:
  explicit expected_peer(const socks::address& named);

  [[nodiscard]] bool is_anybody() const { return !only_; }

  /// `who` is where a connection comes from in the server's words, which must be an address to pass for one
  /// that was named.
  [[nodiscard]] bool admits(const ssh::endpoint& who) const;

 private:
  std::optional<asio::ip::address> only_;
};

/// An address as SOCKS writes it, an IPv4-mapped one (RFC 4291 section 2.5.5.2) as the IPv4 address that it
/// is.
socks::address socks_address(const asio::ip::address& host, std::uint16_t port);

/// The same of an address in text; 0.0.0.0 with the port when `where` names no address.
socks::address socks_address(const ssh::endpoint& where);

}  // namespace tunnel::proxy
