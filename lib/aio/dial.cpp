#include "aio/dial.hpp"

#include <netinet/tcp.h>

#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "aio/deadline.hpp"
#include "aio/tcp_stream.hpp"
#include "base/log.hpp"

namespace tunnel::aio {

namespace {

using user_timeout = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>;
using connect_outcome = std::tuple<boost::system::error_code>;

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

// What the system's word for a failure leaves its reader with.
std::string advice_for(const boost::system::error_code& failure) {
  if (failure == asio::error::connection_refused)
    return "; nothing listens on that port: is it the right one (-p), and does the SSH server run?";
  if (failure == asio::error::timed_out)
    return "; nobody answers: is the host up, and does a firewall in between let that port through?";
  if (failure == asio::error::network_unreachable || failure == asio::error::host_unreachable)
    return "; this machine has no way there: is its network, or a VPN that leads there, up?";
  return "";
}

awaitable<boost::system::error_code> connect_one(tcp::socket& socket, tcp::endpoint address,
                                                 const dial_target& target) {
  auto attempt = socket.async_connect(address, as_tuple);
  auto outcome = co_await within<connect_outcome>(target.timeout, std::move(attempt));
  if (!outcome) co_return asio::error::timed_out;
  co_return std::get<0>(*outcome);
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
  error last;
  for (const auto& address : *addresses) {
    log::debug("connecting to {} [{}] port {}", target.host, address.address().to_string(), target.port);
    tcp::socket socket(executor);
    if (const auto opened = co_await open_socket(socket, address, target.socket); !opened) {
      last = opened.error();
      continue;
    }
    const auto failure = co_await connect_one(socket, address, target);
    if (!failure) {
      boost::system::error_code ignored;
      socket.set_option(user_timeout(static_cast<int>(target.unacknowledged_limit.count())), ignored);
      // Made anew for the event loop: a socket that was connected there is watched for room to write from
      // then on, and every wait for input would be woken once for nothing.
      tcp::socket fresh(executor, address.protocol(), socket.release());
      co_return std::make_unique<tcp_stream>(std::move(fresh));
    }
    last = with_reason("connect to host " + target.host + " [" + address.address().to_string() + "] port " +
                           std::to_string(target.port),
                       failure);
    last.message += advice_for(failure);
    if (failure == asio::error::operation_aborted) break;
  }
  co_return last;
}

}  // namespace tunnel::aio
