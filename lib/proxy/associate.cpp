#include "proxy/associate.hpp"

#include <memory>
#include <utility>
#include <variant>

#include "base/log.hpp"
#include "proxy/lease_access.hpp"
#include "proxy/udp_flow.hpp"
#include "socks/reply.hpp"

namespace tunnel::proxy {

namespace {

using namespace asio::experimental::awaitable_operators;

}  // namespace

awaitable<void> run_association(pending_flow flow, pool::lease held, udp_service& with) {
  const auto executor = held.executor();
  const auto wanted = std::move(flow.wanted);
  const auto outlet = with.outlet_of(held.connection_number(), executor);
  const auto by = std::make_shared<lease_access>(std::move(held), originator_of(flow.from));
  // Whatever it has sent already means nothing on this connection.
  const auto served =
      std::make_shared<udp_flow>(std::move(flow.from), wanted.destination, with.rules(), outlet);
  auto& from = served->from();

  auto opening = served->open(by);
  auto leaving = client_left(from.socket(), false);
  auto outcome = co_await (std::move(opening) || std::move(leaving));
  by->settle();
  if (outcome.index() == 1) {
    log::debug("{}: the client left before there was a way for UDP", from.name());
    co_return;
  }
  auto& opened = std::get<0>(outcome);
  const auto bound = opened ? served->bind() : result<socks::address>(opened.error());
  if (!bound) {
    co_await refuse(from, wanted, bound.error());
    co_return;
  }
  const auto granted = socks::encode_reply(wanted.version, socks::reply_code::succeeded, *bound);
  auto [failure, count] = co_await asio::async_write(from.socket(), asio::buffer(granted), as_tuple);
  if (failure) {
    log::debug("{}: the client left before it had its reply", from.name());
    co_return;
  }
  served->start();
}

}  // namespace tunnel::proxy
