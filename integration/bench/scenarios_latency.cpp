#include "black_hole.hpp"
#include "flows.hpp"
#include "load.hpp"
#include "scenarios.hpp"

namespace tunnel::bench {
namespace {

using std::chrono_literals::operator""ms;

}  // namespace

metrics opens_at_once(const test_bed& bed, std::size_t count) {
  load work(bed.deadline);
  std::vector<echo_flow*> flows;
  for (std::size_t i = 0; i < count; ++i) {
    flows.push_back(&work.start<echo_flow>(bed.socks_port, bed.echo_port, i << 32));
  }
  work.run_until([&] { return work.completed() == count; }, "the first echo of every flow");
  std::vector<clock::duration> latencies;
  for (const echo_flow* one : flows) latencies.push_back(one->completed() - flows.front()->started());
  return latency_metrics(latencies);
}

metrics opens_beside_unanswered(const test_bed& bed, std::size_t count, std::size_t unanswered) {
  const black_hole silent;
  load waiting(bed.deadline);
  for (std::size_t i = 0; i < unanswered; ++i) {
    waiting.start<unanswered_flow>(bed.socks_port, silent.port());
  }
  // Time for their opens to be under way.
  waiting.run_until(clock::now() + 300ms);
  return opens_at_once(bed, count);
}

metrics sequential_connects(const test_bed& bed, std::size_t count) {
  load work(bed.deadline);
  std::vector<clock::duration> latencies;
  for (std::size_t i = 0; i < count; ++i) {
    auto& one = work.start<echo_flow>(bed.socks_port, bed.echo_port, i << 32);
    work.run_until([&] { return one.is_complete(); }, "the echo of one flow");
    latencies.push_back(one.completed() - one.started());
    one.close();
  }
  return latency_metrics(latencies);
}

}  // namespace tunnel::bench
