#include "aio/dial.hpp"

#include <netinet/tcp.h>

#include <utility>
#include <vector>

#include "aio/connect_race.hpp"
#include "aio/tcp_stream.hpp"
#include "base/log.hpp"

namespace tunnel::aio {

namespace {

using user_timeout = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>;

bool wanted(const tcp::endpoint& candidate, address_family family) {
  switch (family) {
    case address_family::inet:
      return candidate.address().is_v4();
    case address_family::inet6:
      return candidate.address().is_v6();
    case address_family::any:
      break;
  }
  return true;
}

}  // namespace

// The system's resolver runs on a thread of its own, which an address does not need.
awaitable<result<std::vector<tcp::endpoint>>> look_up(dial_target target) {
  boost::system::error_code failure;
  const auto literal = asio::ip::make_address(target.host, failure);
  std::vector<tcp::endpoint> addresses;
  if (!failure) addresses.emplace_back(literal, target.port);
  if (failure) {
    tcp::resolver resolver(co_await asio::this_coro::executor);
    auto [unresolved, entries] =
        co_await resolver.async_resolve(target.host, std::to_string(target.port), as_tuple);
    if (unresolved) {
      co_return error{unresolved, "could not resolve hostname " + target.host + ": " + unresolved.message() +
                                      "; is it spelt right, and is the network up?"};
    }
    for (const auto& entry : entries) addresses.push_back(entry.endpoint());
  }
  std::erase_if(addresses, [&](const tcp::endpoint& each) { return !wanted(each, target.family); });
  if (addresses.empty()) {
    co_return error{asio::error::host_not_found,
                    "no address of the wanted family is known for " + target.host + "; try without -4 or -6"};
  }
  co_return addresses;
}

awaitable<result<std::unique_ptr<byte_stream>>> dial(dial_target target) {
  const auto executor = co_await asio::this_coro::executor;
  const auto addresses = co_await look_up(target);
  if (!addresses) co_return addresses.error();
  auto racing = connect_race(families_in_turn(*addresses), target);
  auto connected = co_await std::move(racing);
  if (!connected) co_return connected.error();
  boost::system::error_code ignored;
  connected->set_option(user_timeout(static_cast<int>(target.unacknowledged_limit.count())), ignored);
  // Made anew for the event loop: a socket that was connected there is watched for room to write from
  // then on, and every wait for input would be woken once for nothing.
  const auto protocol = connected->local_endpoint(ignored).protocol();
  tcp::socket fresh(executor, protocol, connected->release());
  co_return std::make_unique<tcp_stream>(std::move(fresh));
}

}  // namespace tunnel::aio
