#include <algorithm>
#include <iterator>

#include "background_bulk.hpp"
#include "flows.hpp"
#include "load.hpp"
#include "scenarios.hpp"

namespace tunnel::bench {
namespace {

using std::chrono_literals::operator""ms;

// Far apart, so that octets of another flow are wrong ones.
constexpr std::uint64_t seed_step = 7919;

flow& start_bulk(load& work, const test_bed& bed, direction way, std::uint64_t seed, std::uint64_t length) {
  if (way == direction::down) return work.start<download_flow>(bed.socks_port, bed.bulk_port, seed, length);
  return work.start<upload_flow>(bed.socks_port, bed.bulk_port, seed, length);
}

}  // namespace

metrics bulk(const test_bed& bed, direction way, std::size_t flows, std::uint64_t total) {
  const processor_meter meter(bed);
  load work(bed.deadline);
  std::vector<flow*> started;
  for (std::size_t i = 0; i < flows; ++i) {
    started.push_back(&start_bulk(work, bed, way, (i + 1) * seed_step, total / flows));
  }
  work.run_until([&] { return work.completed() == flows; }, "the end of the bulk flows");
  const auto last = std::ranges::max(started, {}, &flow::completed)->completed();
  metrics found{throughput("throughput", total, last - started.front()->started())};
  std::ranges::move(meter.per_gib(total), std::back_inserter(found));
  return found;
}

metrics pings_beside_bulk(const test_bed& bed, direction way, std::size_t pings) {
  load work(bed.deadline);
  auto& pinging = work.start<echo_flow>(bed.socks_port, bed.echo_port, seed_step);
  work.run_until([&] { return work.completed() == 1; }, "the flow for pings");
  background_bulk beside(bed, way);
  // Time for the bulk flow to fill its windows.
  auto next = clock::now() + 300ms;
  for (std::size_t i = 0; i < pings; ++i, next += 10ms) {
    work.run_until(next);
    pinging.ping();
  }
  work.run_until([&] { return pinging.unanswered() == 0; }, "the answers to pings");
  metrics found = latency_metrics(pinging.round_trips());
  found.push_back(beside.finish());
  return found;
}

metrics download_beside_stalled(const test_bed& bed, std::uint64_t octets) {
  constexpr std::size_t stalled_count = 8;
  const std::uint64_t memory_before = resident_octets(bed.subject);
  load work(bed.deadline);
  std::vector<stalled_flow*> stalled;
  for (std::size_t i = 0; i < stalled_count; ++i) {
    stalled.push_back(&work.start<stalled_flow>(bed.socks_port, bed.bulk_port, (i + 2) * seed_step));
  }
  // Time to fill whatever buffers there are.
  work.run_until(clock::now() + 1000ms);
  auto& good = work.start<download_flow>(bed.socks_port, bed.bulk_port, seed_step, octets);
  work.run_until([&] { return good.is_complete(); }, "the download beside stalled ones");
  const auto memory = static_cast<double>(resident_octets(bed.subject)) - static_cast<double>(memory_before);

  for (stalled_flow* one : stalled) {
    one->resume();
    work.update(*one);
  }
  constexpr std::uint64_t some = 4 * 1024 * 1024;
  work.run_until(
      [&] { return std::ranges::all_of(stalled, [](auto* one) { return one->octets() >= some; }); },
      "stalled downloads to go on");
  return {throughput("throughput", octets, good.completed() - good.started()),
          {"client memory growth", "MiB", memory / octets_per_mib}};
}

}  // namespace tunnel::bench
