#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "delay_relay.hpp"
#include "process.hpp"
#include "sockets.hpp"

namespace tunnel::bench {

/// One figure of one run. More is better for MiB/s and 1/s, less for everything else.
struct metric {
  std::string name;
  std::string unit;
  double value = 0;
};
using metrics = std::vector<metric>;

/// How much work a run does.
struct scale {
  std::uint64_t near_octets;
  std::uint64_t far_octets;
  std::uint64_t long_octets;
  std::uint64_t narrow_octets;
  std::size_t few_opens;
  std::size_t many_opens;
  /// Opens that are never answered: in a full run more than a program with a few sessions can set aside.
  std::size_t unanswered;
  std::size_t connects;
  std::size_t pings;
  std::size_t idle_flows;
  std::chrono::milliseconds datagrams_for;
  std::size_t datagrams;
};

/// Enough for figures: seconds for each run, hundreds of clock ticks of processor time.
extern const scale full_scale;
/// Enough to see that every octet arrives.
extern const scale quick_scale;

/// What a run has to work with.
struct test_bed {
  const scale& size;
  clock::time_point deadline;
  /// no_proxy when the subject is nothing at all.
  std::uint16_t socks_port;
  /// Two origins, so that pings do not queue behind bulk at the far end.
  std::uint16_t bulk_port;
  std::uint16_t echo_port;
  /// Of the echo of datagrams.
  std::uint16_t datagram_port;
  pid_t subject;
  pid_t server;
};

/// What a scenario's clients ask for, and with it which subjects it is for.
enum class traffic { streams, datagrams };

/// Work that every subject is put to.
struct scenario {
  std::string name;
  std::string what;
  path_shape path;
  std::function<metrics(const test_bed&)> run;
  traffic kind = traffic::streams;
};

/// All of them, in the order of the reports.
std::vector<scenario> all_scenarios(const scale& size);

/// The processor time of both ends of the SSH connection since this was made.
class processor_meter {
 public:
  explicit processor_meter(const test_bed& bed);
  /// Two metrics: seconds per GiB of the `octets` carried meanwhile, for the subject and for sshd.
  [[nodiscard]] metrics per_gib(std::uint64_t octets) const;

 private:
  pid_t subject_;
  pid_t server_;
  seconds subject_before_;
  seconds server_before_;
};

inline constexpr double octets_per_mib = 1024.0 * 1024.0;

metric throughput(const std::string& name, std::uint64_t octets, clock::duration elapsed);

/// Three metrics: median, 99th percentile and greatest of `latencies`, which must not be empty.
metrics latency_metrics(const std::vector<clock::duration>& latencies);

}  // namespace tunnel::bench
