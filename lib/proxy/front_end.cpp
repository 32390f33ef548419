#include "proxy/front_end.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "aio/deadline.hpp"
#include "base/log.hpp"
#include "proxy/flow.hpp"
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
  std::array<octet, socks::max_handshake> buffer;
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

awaitable<outcome> read_request_in_time(client& from, socks::server_handshake& handshake, half_open& waiting) {
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

}  // namespace

awaitable<void> serve_client(client from, half_open& waiting, pool::pool& connections) {
  socks::server_handshake handshake;
  auto wanted = co_await read_request_in_time(from, handshake, waiting);
  if (!wanted) co_return;
  if (wanted->command != socks::command::connect) {
    log::debug("{}: asked for command {:02x}, which is not served", from.name(),
               static_cast<unsigned>(wanted->command));
    co_await send_and_close(from.socket(),
                            socks::encode_reply(wanted->version, socks::reply_code::command_not_supported));
    co_return;
  }

  auto early = handshake.take_early_data();
  auto acquiring = connections.acquire();
  auto leaving = client_left(from.socket(), !early.empty());
  auto acquired = co_await (std::move(acquiring) || std::move(leaving));
  if (acquired.index() == 1) {
    log::debug("{} -> {}: the client left before there was a connection for it", from.name(),
               wanted->destination.to_string());
    co_return;
  }
  auto& lease = std::get<0>(acquired);
  if (!lease) {
    co_await refuse(from, *wanted, lease.error());
    co_return;
  }
  const auto executor = lease->executor();
  auto flow = run_flow(std::move(from).moved_to(executor), std::move(*wanted), std::move(early), std::move(*lease));
  asio::co_spawn(executor, std::move(flow), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

}  // namespace tunnel::proxy
