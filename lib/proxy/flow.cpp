#include "proxy/flow.hpp"

#include <utility>
#include <variant>

#include "base/log.hpp"
#include "proxy/grant.hpp"
#include "proxy/reply.hpp"
#include "socks/reply.hpp"
#include "ssh/errors.hpp"

namespace tunnel::proxy {

namespace {

using clock = std::chrono::steady_clock;
using namespace asio::experimental::awaitable_operators;

// Of a server that forbids every target, the first few are enough; -v has the others.
constexpr unsigned max_warnings = 5;

// Nothing is wrong with the client or the target, so that only this tells people whom to ask. What opens
// channels has a thread of its own for each SSH connection.
void warn_of_prohibition(const socks::address& target, const error& why) {
  static thread_local unsigned warnings = 0;
  if (warnings++ >= max_warnings) return;
  log::warn(
      "the SSH server forbids the connection to {} ({}). If it forbids all, its administrator can allow them "
      "with AllowTcpForwarding; if only some, with PermitOpen",
      target.to_string(), why.message);
}

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

}  // namespace

ssh::endpoint originator_of(const client& from) {
  return {from.address().address().to_string(), from.address().port()};
}

awaitable<void> refuse(client& from, const socks::request& wanted, const error& why) {
  const auto code = reply_for(why);
  if (why.code == ssh::errc::administratively_prohibited) warn_of_prohibition(wanted.destination, why);
  log::debug("{} -> {}: refused with reply {:02x}: {}", from.name(), wanted.destination.to_string(),
             static_cast<unsigned>(code), why.message);
  co_await send_and_close(from.socket(), socks::encode_reply(wanted.version, code));
}

awaitable<void> run_flow(pending_flow flow, pool::lease held, return_handler give_back) {
  auto& [from, wanted, early] = flow;
  const auto started = clock::now();
  const std::string name = from.name();
  const std::string target = wanted.destination.to_string();

  ssh::endpoint destination{wanted.destination.host_text(), wanted.destination.port};
  auto opening = held.open_direct_tcpip(std::move(destination), originator_of(from), open_limit);
  auto leaving = client_left(from.socket(), !early.empty());
  auto outcome = co_await (std::move(opening) || std::move(leaving));
  if (outcome.index() == 1) {
    log::debug("{} -> {}: the client left before the connection was there, after {:.1f} s", name, target,
               seconds_since(started));
    co_return;
  }
  auto& opened = std::get<0>(outcome);
  if (!opened && opened.error().code == ssh::errc::connection_lost && give_back) {
    give_back(std::move(flow));
    co_return;
  }
  if (!opened) {
    co_await refuse(from, wanted, opened.error());
    co_return;
  }

  auto granting = grant(std::move(flow), std::move(held), std::move(*opened), started);
  co_await std::move(granting);
}

awaitable<void> grant(pending_flow flow, pool::lease held, std::unique_ptr<ssh::channel> opened,
                      clock::time_point started) {
  auto& [from, wanted, early] = flow;
  auto name = from.name() + " -> " + wanted.destination.to_string();
  open_flow ready{.from = std::move(from),
                  .early = std::move(early),
                  .to = std::move(opened),
                  .held = std::move(held),
                  .name = std::move(name),
                  .started = started};
  return grant(std::move(ready), socks::encode_reply(wanted.version, socks::reply_code::succeeded));
}

}  // namespace tunnel::proxy
