#include "scenario.hpp"

#include <algorithm>
#include <iterator>

#include "scenarios.hpp"
#include "statistics.hpp"

namespace tunnel::bench {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::uint64_t mib = 1024 * 1024;

constexpr path_shape direct{};
constexpr path_shape rtt_50ms{25ms, 0};
constexpr path_shape rtt_100ms{50ms, 0};
constexpr path_shape narrow{5ms, 200'000'000 / 8};

std::string amount(std::uint64_t octets) {
  return std::to_string(octets / mib) + " MiB";
}

scenario bulk_scenario(std::string name, const std::string& where, path_shape path, direction way,
                       std::size_t flows, std::uint64_t octets) {
  const std::string what = amount(octets) + (way == direction::down ? " down, " : " up, ") +
                           std::to_string(flows) + (flows == 1 ? " flow" : " flows") + where;
  return {std::move(name), what, path, [=](const test_bed& bed) { return bulk(bed, way, flows, octets); }};
}

scenario opens_scenario(std::string name, std::size_t count) {
  return {std::move(name), std::to_string(count) + " opens at once and an echo each, RTT 50 ms", rtt_50ms,
          [=](const test_bed& bed) { return opens_at_once(bed, count); }};
}

scenario datagram_rate_scenario(std::string name, const std::string& where, path_shape path,
                                std::size_t under_way) {
  return {std::move(name), std::to_string(under_way) + " datagrams of 512 octets under way" + where, path,
          [=](const test_bed& bed) { return datagram_rate(bed, under_way, 2 * path.one_way); },
          traffic::datagrams};
}

scenario datagram_latency_scenario(std::string name, const std::string& where, path_shape path,
                                   std::size_t count) {
  return {std::move(name), "a datagram of 64 octets every 5 ms" + where, path,
          [=](const test_bed& bed) { return datagram_latency(bed, count); }, traffic::datagrams};
}

scenario datagram_latency_scenario(std::string name, const std::string& where, direction beside,
                                   std::size_t count) {
  return {std::move(name), "a datagram of 64 octets every 5 ms" + where, direct,
          [=](const test_bed& bed) { return datagram_latency_beside_bulk(bed, beside, count); },
          traffic::datagrams};
}

// More than the near path has, so that the round trip does not limit: 1000, or 20,000 a second, in a full
// run.
std::size_t far_window(const scale& size) {
  return size.datagrams * 5 / 2;
}

double milliseconds(clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

const scale full_scale{512 * mib, 64 * mib, 256 * mib, 64 * mib, 100, 500, 20, 300, 400, 2000, 3000ms, 400};
const scale quick_scale{16 * mib, 4 * mib, 8 * mib, 8 * mib, 50, 100, 4, 20, 40, 200, 200ms, 40};

std::vector<scenario> all_scenarios(const scale& size) {
  return {
      bulk_scenario("bulk-down-1", "", direct, direction::down, 1, size.near_octets),
      bulk_scenario("bulk-down-8", "", direct, direction::down, 8, size.near_octets),
      bulk_scenario("bulk-up-1", "", direct, direction::up, 1, size.near_octets),
      bulk_scenario("bulk-up-8", "", direct, direction::up, 8, size.near_octets),
      bulk_scenario("far-down", ", RTT 100 ms", rtt_100ms, direction::down, 1, size.far_octets),
      bulk_scenario("far-down-long", ", RTT 100 ms", rtt_100ms, direction::down, 1, size.long_octets),
      bulk_scenario("far-up", ", RTT 100 ms", rtt_100ms, direction::up, 1, size.far_octets),
      bulk_scenario("narrow-down", ", 200 Mbit/s, RTT 10 ms", narrow, direction::down, 1, size.narrow_octets),
      opens_scenario("opens-few", size.few_opens),
      opens_scenario("opens-many", size.many_opens),
      {"opens-beside-unanswered",
       std::to_string(size.few_opens) + " opens at once and an echo each, beside " +
           std::to_string(size.unanswered) + " that are never answered",
       direct,
       [&size](const test_bed& bed) {
         return opens_beside_unanswered(bed, size.few_opens, size.unanswered);
       }},
      {"connects", std::to_string(size.connects) + " connects one after the other, an echo each", direct,
       [&size](const test_bed& bed) { return sequential_connects(bed, size.connects); }},
      {"pings-down", "an 8-octet ping every 10 ms beside a download", direct,
       [&size](const test_bed& bed) { return pings_beside_bulk(bed, direction::down, size.pings); }},
      {"pings-up", "an 8-octet ping every 10 ms beside an upload", direct,
       [&size](const test_bed& bed) { return pings_beside_bulk(bed, direction::up, size.pings); }},
      {"idle-memory", std::to_string(size.idle_flows) + " idle flows", direct,
       [&size](const test_bed& bed) { return idle_flows(bed, size.idle_flows); }},
      {"stalled-readers", amount(size.near_octets / 2) + " down, 1 flow beside 8 that nobody reads", direct,
       [&size](const test_bed& bed) { return download_beside_stalled(bed, size.near_octets / 2); }},
      datagram_rate_scenario("datagrams", "", direct, 64),
      datagram_rate_scenario("datagrams-far", ", RTT 50 ms", rtt_50ms, far_window(size)),
      datagram_latency_scenario("datagram-latency", "", direct, size.datagrams),
      datagram_latency_scenario("datagram-latency-far", ", RTT 50 ms", rtt_50ms, size.datagrams),
      datagram_latency_scenario("datagram-latency-beside-bulk-down", " beside a download", direction::down,
                                size.datagrams),
      datagram_latency_scenario("datagram-latency-beside-bulk-up", " beside an upload", direction::up,
                                size.datagrams),
  };
}

processor_meter::processor_meter(const test_bed& bed)
    : subject_(bed.subject),
      server_(bed.server),
      subject_before_(processor_time(subject_)),
      server_before_(processor_time(server_)) {}

metrics processor_meter::per_gib(std::uint64_t octets) const {
  const double gib = static_cast<double>(octets) / (1024.0 * octets_per_mib);
  return {{"client CPU", "s/GiB", (processor_time(subject_) - subject_before_).count() / gib},
          {"sshd CPU", "s/GiB", (processor_time(server_) - server_before_).count() / gib}};
}

metric throughput(const std::string& name, std::uint64_t octets, clock::duration elapsed) {
  return {name, "MiB/s", static_cast<double>(octets) / octets_per_mib / seconds(elapsed).count()};
}

metrics latency_metrics(const std::vector<clock::duration>& latencies) {
  std::vector<double> values;
  std::ranges::transform(latencies, std::back_inserter(values), milliseconds);
  return {{"p50", "ms", percentile(values, 0.5)},
          {"p99", "ms", percentile(values, 0.99)},
          {"max", "ms", percentile(values, 1)}};
}

}  // namespace tunnel::bench
