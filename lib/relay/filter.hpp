#pragma once

#include <string_view>
#include <vector>

#include "aio/asio.hpp"
#include "base/error.hpp"

namespace tunnel::relay {

/// Addresses that begin alike: 192.0.2.0/24, 2001:db8::/32, or one address. IPv4-mapped IPv6 addresses are
/// kept as the IPv4 addresses that they stand for.
struct address_range {
  asio::ip::address base;
  unsigned prefix_length = 0;

  [[nodiscard]] bool contains(const asio::ip::address& value) const;
};

/// Errors: errc::invalid_argument, for what is no address or has too long a prefix. Bits behind the prefix do
/// not count.
result<address_range> parse_address_range(std::string_view text);

/// Which addresses datagrams may go to and come from.
///
/// Of the ranges that were named the longest one that contains the address decides, and a denied one among
/// equals. Where none does, all are allowed but those that are denied by default. The unspecified address is
/// judged as the loopback's too, because Linux takes it for that.
class filter {
 public:
  /// A relay that others than its user can reach should not lead to what listens to this machine alone:
  /// loopback, unspecified, link-local, multicast and broadcast addresses.
  enum class by_default { allow_all, deny_local };

  explicit filter(by_default rest = by_default::allow_all) : rest_(rest) {}

  void allow(const address_range& range) { rules_.push_back({range, true}); }
  void deny(const address_range& range) { rules_.push_back({range, false}); }

  [[nodiscard]] bool allows(const asio::ip::address& value) const;

 private:
  struct rule {
    address_range range;
    bool allowed = false;
  };

  [[nodiscard]] bool allows_one(const asio::ip::address& value) const;

  by_default rest_;
  std::vector<rule> rules_;
};

}  // namespace tunnel::relay
