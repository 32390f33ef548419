#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <variant>

#include "socks/address.hpp"

namespace tunnel::proxy {

/// Whose datagrams an association takes when it takes none from strangers: those of peers that were sent to,
/// whatever their port. The address of one that was named is known to the far end alone; whoever sends from
/// that port is taken for it.
///
/// Remembers the latest `max_peers` of each. Allocates nothing.
class peer_filter {
 public:
  static constexpr std::size_t max_peers = 256;

  void remember(const socks::address& peer);

  /// `source` must be numeric.
  [[nodiscard]] bool admits(const socks::address& source) const;

 private:
  template <class Item>
  struct latest {
    std::array<Item, max_peers> items{};
    std::size_t count = 0;
    std::size_t next = 0;

    [[nodiscard]] bool has(const Item& wanted) const;
    void add(const Item& item);
  };

  // An IPv4 address as IPv6 has it (RFC 4291 section 2.5.5.2), so that one target has one form.
  static bool numeric_host(const socks::address& of, socks::ipv6& host);

  latest<socks::ipv6> hosts_;
  latest<std::uint16_t> ports_;
};

}  // namespace tunnel::proxy
