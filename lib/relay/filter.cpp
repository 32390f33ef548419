#include "relay/filter.hpp"

#include <array>
#include <charconv>
#include <string>

#include "aio/address.hpp"

namespace tunnel::relay {
namespace {

using asio::ip::address;
using asio::ip::address_v4;
using asio::ip::address_v6;

constexpr unsigned mapped_prefix = 96;

template <std::size_t Size>
bool begin_alike(const std::array<unsigned char, Size>& one, const std::array<unsigned char, Size>& other,
                 unsigned bits) {
  for (std::size_t i = 0; i < Size && bits > 0; ++i) {
    const unsigned here = bits < 8 ? bits : 8;
    if (((one[i] ^ other[i]) >> (8 - here)) != 0) return false;
    bits -= here;
  }
  return true;
}

error no_range(std::string_view text, const char* why) {
  return {make_error_code(boost::system::errc::invalid_argument),
          "'" + std::string(text) + "' " + why + "; a range is written 192.0.2.0/24 or 2001:db8::/32"};
}

// 0.0.0.0/8 as a whole is "this network" (RFC 1122 section 3.2.1.3).
bool is_local(const address& each) {
  if (each.is_loopback() || each.is_unspecified() || each.is_multicast()) return true;
  if (each.is_v6()) {
    // Site-local addresses are unicast like others. ::/96 is IPv4 once more, in a form that nobody uses.
    return each.to_v6().is_link_local() || begin_alike(each.to_v6().to_bytes(), {}, mapped_prefix);
  }
  const auto octets = each.to_v4().to_bytes();
  return octets[0] == 0 || (octets[0] == 169 && octets[1] == 254) || each.to_v4() == address_v4::broadcast();
}

address loopback_beside(const address& each) {
  if (each.is_v4()) return address_v4::loopback();
  return address_v6::loopback();
}

}  // namespace

bool address_range::contains(const address& value) const {
  if (value.is_v4() != base.is_v4()) return false;
  if (value.is_v4()) return begin_alike(value.to_v4().to_bytes(), base.to_v4().to_bytes(), prefix_length);
  return begin_alike(value.to_v6().to_bytes(), base.to_v6().to_bytes(), prefix_length);
}

result<address_range> parse_address_range(std::string_view text) {
  const auto slash = text.find('/');
  error_code failure;
  const auto base = asio::ip::make_address(std::string(text.substr(0, slash)), failure);
  if (failure) return no_range(text, "is no range of addresses");
  const unsigned longest = base.is_v4() ? 32 : 128;
  address_range parsed{base, longest};
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto [end, wrong] =
        std::from_chars(digits.data(), digits.data() + digits.size(), parsed.prefix_length);
    if (wrong != std::errc{} || end != digits.data() + digits.size() || parsed.prefix_length > longest)
      return no_range(text, "has a prefix length that its addresses do not have");
  }
  if (base.is_v6() && base.to_v6().is_v4_mapped() && parsed.prefix_length >= mapped_prefix)
    return address_range{aio::unmapped(base), parsed.prefix_length - mapped_prefix};
  return parsed;
}

bool filter::allows(const address& value) const {
  const auto plain = aio::unmapped(value);
  if (plain.is_unspecified() && !allows_one(loopback_beside(plain))) return false;
  return allows_one(plain);
}

bool filter::allows_one(const address& value) const {
  const rule* nearest = nullptr;
  for (const auto& each : rules_) {
    if (!each.range.contains(value)) continue;
    const bool nearer = nearest == nullptr || each.range.prefix_length > nearest->range.prefix_length;
    const bool overruled =
        !nearer && each.range.prefix_length == nearest->range.prefix_length && !each.allowed;
    if (nearer || overruled) nearest = &each;
  }
  if (nearest != nullptr) return nearest->allowed;
  return rest_ == by_default::allow_all || !is_local(value);
}

}  // namespace tunnel::relay
