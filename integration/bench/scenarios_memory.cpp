#include <algorithm>

#include "flows.hpp"
#include "load.hpp"
#include "scenarios.hpp"

namespace tunnel::bench {
namespace {

using std::chrono_literals::operator""ms;

// How many opens are under way at once: memory is asked for here, not speed.
constexpr std::size_t batch = 50;

}  // namespace

metrics idle_flows(const test_bed& bed, std::size_t count) {
  const std::uint64_t before = resident_octets(bed.subject);
  load work(bed.deadline);
  std::vector<echo_flow*> flows;
  while (flows.size() < count) {
    const std::size_t goal = std::min(count, flows.size() + batch);
    for (std::size_t i = flows.size(); i < goal; ++i) {
      flows.push_back(&work.start<echo_flow>(bed.socks_port, bed.echo_port, i << 32));
    }
    work.run_until([&] { return work.completed() == goal; }, "the first echo of idle flows");
  }
  // What belongs to the opening may go now.
  work.run_until(clock::now() + 300ms);
  const auto grown = static_cast<double>(resident_octets(bed.subject)) - static_cast<double>(before);

  // They are of use still.
  for (echo_flow* one : flows) one->ping();
  const auto answered = [](const echo_flow* one) { return one->unanswered() == 0; };
  work.run_until([&] { return std::ranges::all_of(flows, answered); }, "echoes on flows that were idle");
  return {{"client memory per flow", "KiB", grown / 1024 / static_cast<double>(count)}};
}

}  // namespace tunnel::bench
