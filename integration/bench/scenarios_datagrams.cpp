#include <algorithm>

#include "background_bulk.hpp"
#include "echo_train.hpp"
#include "scenarios.hpp"

namespace tunnel::bench {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::size_t rate_size = 512;
constexpr std::size_t latency_size = 64;
constexpr auto interval = 5ms;

/// Keeps a number of datagrams under way.
class window {
 public:
  window(echo_train& train, std::size_t size, clock::duration round_trip)
      : train_(train), size_(size), round_trip_(round_trip), begun_(clock::now()) {}

  void keep_full(clock::time_point until) {
    for (auto now = clock::now(); now < until; now = clock::now()) {
      const bool opening = now - begun_ < round_trip_;
      const std::size_t allowed = opening ? opened_part(now) : size_;
      while (train_.under_way() < allowed) train_.send();
      train_.receive(opening ? now + 1ms : until);
    }
  }

 private:
  // All at once would overflow somebody's buffer: the first ones are spread over a round trip.
  [[nodiscard]] std::size_t opened_part(clock::time_point now) const {
    const auto share = seconds(now - begun_) / seconds(round_trip_);
    return static_cast<std::size_t>(share * static_cast<double>(size_));
  }

  echo_train& train_;
  std::size_t size_;
  clock::duration round_trip_;
  clock::time_point begun_;
};

/// The processor time of both ends of the SSH connection since this was made: that of a relay that sshd has
/// started is the server's, that of one that listens is nobody's.
class echo_cost {
 public:
  explicit echo_cost(const test_bed& bed) : bed_(bed), client_(client_time()), server_(server_time()) {}

  [[nodiscard]] metrics per_echo(double echoes) const {
    const double microseconds = 1e6 / std::max(echoes, 1.0);
    return {{"client CPU", "us/echo", (client_time() - client_).count() * microseconds},
            {"server CPU", "us/echo", (server_time() - server_).count() * microseconds}};
  }

 private:
  [[nodiscard]] seconds client_time() const {
    return bed_.socks_port == no_proxy ? seconds(0) : processor_time(bed_.subject);
  }
  [[nodiscard]] seconds server_time() const { return processor_time(bed_.server); }

  const test_bed& bed_;
  seconds client_;
  seconds server_;
};

void receive_until(echo_train& train, clock::time_point until) {
  while (clock::now() < until) train.receive(until);
}

void send_regularly(echo_train& train, std::size_t count) {
  auto next = clock::now();
  for (std::size_t i = 0; i < count; ++i, next += interval) {
    receive_until(train, next);
    train.send();
  }
  train.settle();
}

metrics latencies(const echo_train& train) {
  metrics found = latency_metrics(train.round_trips());
  found.push_back(train.loss());
  return found;
}

}  // namespace

metrics datagram_rate(const test_bed& bed, std::size_t under_way, std::chrono::microseconds round_trip) {
  echo_train train(bed, rate_size);
  window sending(train, under_way, round_trip);
  // Not measured: until echoes come back, and those who carry them have settled.
  sending.keep_full(clock::now() + 2 * round_trip + 100ms);
  const echo_cost cost(bed);
  const auto begun = clock::now();
  const std::size_t echoed_before = train.echoed();
  sending.keep_full(begun + bed.size.datagrams_for);
  const auto echoed = static_cast<double>(train.echoed() - echoed_before);
  const double rate = echoed / seconds(clock::now() - begun).count();
  metrics found = cost.per_echo(echoed);
  train.settle();
  found.insert(found.begin(), {{"echoes", "1/s", rate}, train.loss()});
  return found;
}

metrics datagram_latency(const test_bed& bed, std::size_t count) {
  echo_train train(bed, latency_size);
  send_regularly(train, count);
  return latencies(train);
}

metrics datagram_latency_beside_bulk(const test_bed& bed, direction way, std::size_t count) {
  echo_train train(bed, latency_size);
  background_bulk beside(bed, way);
  // Time for the bulk flow to fill its windows.
  receive_until(train, clock::now() + 300ms);
  send_regularly(train, count);
  metrics found = latencies(train);
  found.push_back(beside.finish());
  return found;
}

}  // namespace tunnel::bench
