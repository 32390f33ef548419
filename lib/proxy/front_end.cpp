#include "proxy/front_end.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "aio/deadline.hpp"
#include "aio/rethrow.hpp"
#include "base/log.hpp"
#include "proxy/associate.hpp"
#include "proxy/bind.hpp"
#include "proxy/flow.hpp"
#include "proxy/named_flow.hpp"
#include "proxy/resolve.hpp"
#include "socks/handshake.hpp"
#include "socks/reply.hpp"
#include "ssh/errors.hpp"

namespace tunnel::proxy {

namespace {

using namespace asio::experimental::awaitable_operators;

constexpr std::string_view not_http =
    "HTTP/1.0 501 Not Implemented\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "Connection: close\r\n"
    "\r\n"
    "<!DOCTYPE html><title>This is a SOCKS proxy</title>\n"
    "<h1>This is a SOCKS proxy, not a web server</h1>\n"
    "<p>tunnel listens here for SOCKS4, SOCKS4a and SOCKS5. Set this address as your program's SOCKS proxy\n"
    "(SOCKS5 with remote DNS where it asks), not as its HTTP proxy and not in its address bar.</p>\n";

// A complete request, or nothing when the client has been dealt with.
using outcome = std::optional<socks::request>;

awaitable<outcome> read_request(client& from, socks::server_handshake& handshake) {
  std::array<octet, socks::max_handshake> buffer{};
  for (;;) {
    const auto event = handshake.next();
    if (const auto* complete = std::get_if<socks::request>(&event)) co_return *complete;
    if (std::holds_alternative<socks::http_request>(event)) {
      log::debug("{}: spoke HTTP to the SOCKS port", from.name());
      const auto page = as_octets(not_http);
      co_await send_and_close(from.socket(), octets(page.begin(), page.end()));
      co_return std::nullopt;
    }
    if (const auto* wrong = std::get_if<socks::violation>(&event)) {
      log::debug("{}: {}", from.name(), wrong->reason);
      co_await send_and_close(from.socket(), wrong->reply);
      co_return std::nullopt;
    }
    if (const auto* answer = std::get_if<socks::outgoing>(&event)) {
      auto [failure, count] = co_await asio::async_write(from.socket(), asio::buffer(answer->data), as_tuple);
      if (failure) co_return std::nullopt;
      continue;
    }
    auto [failure, count] =
        co_await from.socket().async_read_some(asio::buffer(buffer.data(), handshake.room()), as_tuple);
    if (failure) co_return std::nullopt;
    handshake.feed({buffer.data(), count});
  }
}

awaitable<outcome> read_request_in_time(client& from, socks::server_handshake& handshake,
                                        half_open& waiting) {
  const half_open::entry place(waiting, [&from] {
    boost::system::error_code ignored;
    from.socket().close(ignored);
  });
  auto reading = read_request(from, handshake);
  auto request = co_await aio::within<outcome>(handshake_limit, std::move(reading));
  if (!request) {
    log::debug("{}: no complete request within {} s", from.name(), handshake_limit.count());
    co_return std::nullopt;
  }
  co_return std::move(*request);
}

// Whether a flow that loses its SSH connection before it is open may come back for another: once.
enum class may_return { no, yes };

// What is done for a client once it has a place on a connection.
awaitable<void> serve_on(pending_flow flow, pool::lease held, return_handler give_back,
                         const services& with) {
  if (flow.wanted.command == socks::command::bind)
    return run_bind(std::move(flow), std::move(held), std::move(give_back), with.binds);
  if (flow.wanted.command == socks::command::udp_associate)
    return run_association(std::move(flow), std::move(held), *with.datagrams);
  return run_flow(std::move(flow), std::move(held), std::move(give_back));
}

awaitable<void> connect_client(pending_flow flow, const services& with, may_return again) {
  auto acquiring = with.connections.acquire();
  auto leaving = client_left(flow.from.socket(), !flow.early.empty());
  auto acquired = co_await (std::move(acquiring) || std::move(leaving));
  if (acquired.index() == 1) {
    log::debug("{} -> {}: the client left before there was a connection for it", flow.from.name(),
               flow.wanted.destination.to_string());
    co_return;
  }
  auto& lease = std::get<0>(acquired);
  if (!lease) {
    co_await refuse(flow.from, flow.wanted, lease.error());
    co_return;
  }
  return_handler give_back;
  if (again == may_return::yes) {
    const auto home = co_await asio::this_coro::executor;
    give_back = [&with, home](pending_flow returned) {
      pending_flow back{std::move(returned.from).moved_to(home), std::move(returned.wanted),
                        std::move(returned.early)};
      asio::co_spawn(home, connect_client(std::move(back), with, may_return::no), aio::rethrow);
    };
  }
  const auto executor = lease->executor();
  pending_flow moved{std::move(flow.from).moved_to(executor), std::move(flow.wanted), std::move(flow.early)};
  asio::co_spawn(executor, serve_on(std::move(moved), std::move(*lease), std::move(give_back), with),
                 aio::rethrow);
}

awaitable<void> refuse_command(pending_flow& flow) {
  log::debug("{}: asked for command {:02x}, which is not served", flow.from.name(),
             static_cast<unsigned>(flow.wanted.command));
  co_await send_and_close(flow.from.socket(),
                          socks::encode_reply(flow.wanted.version, socks::reply_code::command_not_supported));
}

}  // namespace

awaitable<void> serve_client(client from, half_open& waiting, const services& with) {
  socks::server_handshake handshake;
  auto wanted = co_await read_request_in_time(from, handshake, waiting);
  // Its last octets may have come while it was being evicted.
  if (!wanted || !from.socket().is_open()) co_return;
  pending_flow flow{std::move(from), std::move(*wanted), handshake.take_early_data()};
  switch (flow.wanted.command) {
    case socks::command::connect:
      if (with.resolves_names && std::holds_alternative<std::string>(flow.wanted.destination.host)) {
        co_await connect_by_name(std::move(flow), with.connections, with.names);
        co_return;
      }
      co_await connect_client(std::move(flow), with, may_return::yes);
      co_return;
    case socks::command::udp_associate:
      if (with.datagrams == nullptr) break;
      [[fallthrough]];
    case socks::command::bind:
      co_await connect_client(std::move(flow), with, may_return::yes);
      co_return;
    case socks::command::tor_resolve:
    case socks::command::tor_resolve_ptr:
      if (!with.names) break;
      co_await answer_resolve(std::move(flow), with.names);
      co_return;
  }
  co_await refuse_command(flow);
}

}  // namespace tunnel::proxy
