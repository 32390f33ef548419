#include "aio/socket_choices.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace tunnel::aio {

namespace {

using ipv4_service = asio::detail::socket_option::integer<IPPROTO_IP, IP_TOS>;
using ipv6_service = asio::detail::socket_option::integer<IPPROTO_IPV6, IPV6_TCLASS>;

std::optional<asio::ip::address> address_in(const sockaddr* from) {
  if (from == nullptr) return std::nullopt;
  if (from->sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, from, sizeof four);
    return asio::ip::address_v4(ntohl(four.sin_addr.s_addr));
  }
  if (from->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 six{};
  std::memcpy(&six, from, sizeof six);
  asio::ip::address_v6::bytes_type octets{};
  std::memcpy(octets.data(), &six.sin6_addr, octets.size());
  return asio::ip::address_v6(octets, six.sin6_scope_id);
}

bool reaches_far(const asio::ip::address& address) {
  return !address.is_loopback() && !(address.is_v6() && address.to_v6().is_link_local());
}

error unusable(const std::string& what, boost::system::error_code why) {
  return with_reason("cannot connect from " + what, why);
}

// An address from which far hosts can be reached comes before one from which they cannot.
result<asio::ip::address> address_of_interface(const std::string& name, bool four) {
  ifaddrs* list = nullptr;
  const std::string what = "the interface " + name;
  if (::getifaddrs(&list) != 0) return unusable(what, {errno, boost::system::system_category()});
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
  std::optional<asio::ip::address> found;
  for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
    const auto address = each->ifa_name == name ? address_in(each->ifa_addr) : std::nullopt;
    if (!address || address->is_v4() != four) continue;
    if (reaches_far(*address)) return *address;
    if (!found) found = address;
  }
  if (found) return *found;
  return unusable(what + ", which has no " + (four ? "IPv4" : "IPv6") + " address",
                  asio::error::make_error_code(asio::error::address_family_not_supported));
}

awaitable<result<asio::ip::address>> address_of_name(const std::string& name, bool four) {
  const std::string what = "the address " + name;
  boost::system::error_code failure;
  const auto literal = asio::ip::make_address(name, failure);
  if (!failure) {
    if (literal.is_v4() == four) co_return literal;
    const boost::system::error_code mismatch = asio::error::address_family_not_supported;
    co_return unusable(what, mismatch);
  }
  tcp::resolver resolver(co_await asio::this_coro::executor);
  const auto family = four ? tcp::v4() : tcp::v6();
  auto [unresolved, entries] =
      co_await resolver.async_resolve(family, name, "0", tcp::resolver::passive, as_tuple);
  if (unresolved) co_return unusable(what, unresolved);
  co_return entries.begin()->endpoint().address();
}

awaitable<result<void>> bind_socket(tcp::socket& socket, bool four, const socket_choices& choices) {
  result<asio::ip::address> address = asio::ip::address();
  if (!choices.bind_address.empty())
    address = co_await address_of_name(choices.bind_address, four);
  else if (!choices.bind_interface.empty())
    address = address_of_interface(choices.bind_interface, four);
  else
    co_return boost::system::in_place_value;
  if (!address) co_return address.error();
  boost::system::error_code failure;
  socket.bind(tcp::endpoint(*address, 0), failure);
  if (failure) co_return unusable("the address " + address->to_string(), failure);
  co_return boost::system::in_place_value;
}

void set_options(tcp::socket& socket, bool four, const socket_choices& choices) {
  boost::system::error_code ignored;
  socket.set_option(asio::socket_base::keep_alive(choices.keep_alive), ignored);
  if (!choices.type_of_service) return;
  if (four)
    socket.set_option(ipv4_service(*choices.type_of_service), ignored);
  else
    socket.set_option(ipv6_service(*choices.type_of_service), ignored);
}

}  // namespace

awaitable<result<void>> open_socket(tcp::socket& socket, tcp::endpoint peer, const socket_choices& choices) {
  boost::system::error_code failure;
  socket.open(peer.protocol(), failure);
  if (failure) co_return with_reason("cannot open a socket", failure);
  const bool four = peer.address().is_v4();
  set_options(socket, four, choices);
  co_return co_await bind_socket(socket, four, choices);
}

}  // namespace tunnel::aio
