#include "proxy/grant.hpp"

#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "proxy/relay.hpp"

namespace tunnel::proxy {

namespace {

using clock = std::chrono::steady_clock;

/// What the end of a flow needs: its line in the log, and the lease to let go.
struct flow_record {
  std::string name;
  clock::time_point started;
  pool::lease held;
};

void report(const flow_record& flow, const relay_summary& summary) {
  const auto lasted = std::chrono::duration<double>(clock::now() - flow.started).count();
  log::debug("{}: {} up, {} down in {:.1f} s; {}", flow.name, human_octets(summary.octets_up),
             human_octets(summary.octets_down), lasted, summary.ending);
}

}  // namespace

awaitable<void> grant(open_flow flow, octets reply) {
  auto [failure, count] = co_await asio::async_write(flow.from.socket(), asio::buffer(reply), as_tuple);
  if (failure) {
    log::debug("{}: the client left before it had its reply", flow.name);
    co_return;
  }
  const auto record = std::make_shared<flow_record>(std::move(flow.name), flow.started, std::move(flow.held));
  const auto mover = std::make_shared<relay>(std::move(flow.from), std::move(flow.to), std::move(flow.early));
  mover->start([record](const relay_summary& summary) { report(*record, summary); });
}

}  // namespace tunnel::proxy
