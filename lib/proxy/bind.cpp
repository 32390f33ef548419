#include "proxy/bind.hpp"

#include <memory>
#include <utility>
#include <variant>

#include "base/log.hpp"
#include "proxy/door.hpp"
#include "proxy/expected_peer.hpp"
#include "proxy/grant.hpp"
#include "socks/reply.hpp"
#include "ssh/errors.hpp"

namespace tunnel::proxy {

namespace {

using clock = std::chrono::steady_clock;
using namespace asio::experimental::awaitable_operators;

// Specification: RFC 4254 section 7.1, every address of every protocol family.
constexpr auto every_address = "";

// Where the client is told that the server listens.
socks::address listening_address(const ssh::connection_info& info, const bind_settings& how,
                                 std::uint16_t port) {
  if (info.address) return socks_address(*info.address, port);
  const auto& name = how.server_name;
  if (name.empty() || name.size() > socks::max_host) return {socks::ipv4{}, port};
  return {name, port};
}

error refusal_of(const error& why) {
  if (why.code != ssh::errc::request_refused) return why;
  return {why.code,
          "the server does not listen for this user (sshd's AllowTcpForwarding, DisableForwarding and "
          "PermitListen, or the key's options)"};
}

socks::address peer_of(const visitor& came, const socks::request& wanted) {
  if (came.who) return socks_address(*came.who);
  const bool named = !std::holds_alternative<std::string>(wanted.destination.host);
  return named ? wanted.destination : socks::address{};
}

void log_leaving(const std::string& name) {
  log::debug("{}: the client left before anybody connected", name);
}

awaitable<bool> tell(client& from, octets reply) {
  auto [failure, count] = co_await asio::async_write(from.socket(), asio::buffer(reply), as_tuple);
  co_return !failure;
}

// The first reply: where the server listens.
awaitable<bool> announce(pending_flow& flow, const socks::address& where, const expected_peer& expected,
                         const std::string& name) {
  log::debug(
      "{}: the server listens for {} and the client is told {}; sshd without GatewayPorts listens on its "
      "loopback alone",
      name, expected.is_anybody() ? "anybody" : "that host", where.to_string());
  auto reply = socks::encode_reply(flow.wanted.version, socks::reply_code::succeeded, where);
  co_return co_await tell(flow.from, std::move(reply));
}

// From the listening on.
awaitable<void> let_in(pending_flow flow, pool::lease held, std::unique_ptr<ssh::remote_listener> listening,
                       const bind_settings& how, std::string name) {
  auto& [from, wanted, early] = flow;
  const auto started = clock::now();
  const expected_peer expected(wanted.destination);
  const auto where = listening_address(held.info(), how, listening->address().port);
  door open(std::move(listening), expected, name);
  if (!co_await announce(flow, where, expected, name)) co_return log_leaving(name);

  auto waiting = open.wait(how.visit_limit);
  auto leaving = client_left(from.socket(), !early.empty());
  auto waited = co_await (std::move(waiting) || std::move(leaving));
  if (waited.index() == 1) co_return log_leaving(name);
  auto& came = std::get<0>(waited);
  if (!came) {
    co_await refuse(from, wanted, came.error());
    co_return;
  }
  const auto peer = peer_of(*came, wanted);
  open_flow ready{.from = std::move(from),
                  .early = std::move(early),
                  .to = std::move(came->opened),
                  .held = std::move(held),
                  .name = name + " (" + peer.to_string() + ")",
                  .started = started};
  auto reply = socks::encode_reply(wanted.version, socks::reply_code::succeeded, peer);
  co_await grant(std::move(ready), std::move(reply));
}

}  // namespace

awaitable<void> run_bind(pending_flow flow, pool::lease held, return_handler give_back,
                         const bind_settings& how) {
  std::string name = flow.from.name() + " <- " + flow.wanted.destination.to_string();
  ssh::endpoint anywhere{every_address, 0};
  auto asking = held.listen(std::move(anywhere), listen_limit);
  auto leaving = client_left(flow.from.socket(), !flow.early.empty());
  auto asked = co_await (std::move(asking) || std::move(leaving));
  if (asked.index() == 1) co_return log_leaving(name);
  auto& listening = std::get<0>(asked);
  if (listening) {
    co_await let_in(std::move(flow), std::move(held), std::move(*listening), how, std::move(name));
    co_return;
  }
  if (listening.error().code == ssh::errc::connection_lost && give_back) co_return give_back(std::move(flow));
  co_await refuse(flow.from, flow.wanted, refusal_of(listening.error()));
}

}  // namespace tunnel::proxy
