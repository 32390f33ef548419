#include "runner.hpp"

#include <cstdio>
#include <optional>

#include "datagram_echo.hpp"
#include "origin.hpp"
#include "run_failure.hpp"

namespace tunnel::bench {
namespace {

/// What the runs of one scenario share: the far end, and the path to the server.
class stage {
 public:
  stage(const scenario& what, const scale& size, ssh_server& server)
      : what_(what), size_(size), server_(server) {
    if (what.path.is_direct()) return;
    relay_.emplace(server.port(), what.path);
    server.add_known_port(relay_->port());
  }

  run_result run(const subject& who, std::chrono::seconds limit) {
    try {
      const auto deadline = clock::now() + limit;
      // Where there is no SSH connection to be delayed, the echo takes as long.
      const datagram_echo datagrams(who.is_nothing() ? 2 * what_.path.one_way : path_shape{}.one_way);
      const std::uint16_t ssh_port = relay_ ? relay_->port() : server_.port();
      running_subject running(who, server_, ssh_port, echo_.port(), deadline);
      return {work(running, datagrams.port(), deadline), {}};
    } catch (const run_failure& failure) {
      return {{}, failure.what()};
    }
  }

 private:
  metrics work(running_subject& running, std::uint16_t datagram_port, clock::time_point deadline) {
    const test_bed bed{size_,        deadline,      running.socks_port(), bulk_.port(),
                       echo_.port(), datagram_port, running.id(),         server_.id()};
    try {
      return what_.run(bed);
    } catch (const run_failure& failure) {
      if (running.is_running()) throw;
      throw run_failure(std::string("the program ended meanwhile: ") + failure.what());
    }
  }

  const scenario& what_;
  const scale& size_;
  ssh_server& server_;
  origin bulk_;
  origin echo_;
  std::optional<delay_relay> relay_;
};

void tell(const scenario& what, std::size_t round, const subject& who, const run_result& result) {
  std::fprintf(stderr, "%s, round %zu, %s:", what.name.c_str(), round + 1, who.name.c_str());
  if (!result.failure.empty()) std::fprintf(stderr, " FAILED: %s", result.failure.c_str());
  for (const metric& one : result.found) {
    std::fprintf(stderr, " %s %.4g %s;", one.name.c_str(), one.value, one.unit.c_str());
  }
  std::fputc('\n', stderr);
}

}  // namespace

scenario_results run_scenario(const scenario& what, const std::vector<subject>& subjects, const scale& size,
                              const run_limits& limits, ssh_server& server) {
  stage here(what, size, server);
  scenario_results results{&what, std::vector<std::vector<run_result>>(subjects.size())};
  for (std::size_t round = 0; round < limits.rounds; ++round) {
    for (std::size_t turn = 0; turn < subjects.size(); ++turn) {
      const std::size_t index = (round + turn) % subjects.size();
      server.settle();
      results.runs[index].push_back(here.run(subjects[index], limits.run));
      tell(what, round, subjects[index], results.runs[index].back());
    }
  }
  server.settle();
  return results;
}

}  // namespace tunnel::bench
