#pragma once

#include <string>
#include <vector>

#include "scenario.hpp"
#include "ssh_server.hpp"
#include "subject.hpp"

namespace tunnel::bench {

/// What one run gave: metrics, or why there are none.
struct run_result {
  metrics found;
  std::string failure;
};

/// All runs of one scenario; `runs[i]` are those of subject i, in the order of the rounds.
struct scenario_results {
  const scenario* what = nullptr;
  std::vector<std::vector<run_result>> runs;
};

struct run_limits {
  std::size_t rounds = 5;
  /// For one run, the start of the subject included.
  std::chrono::seconds run{120};
};

/// Puts every subject to the scenario's work in turn, `rounds` times, each time in a fresh process and
/// beginning with another subject. Progress goes to standard error.
scenario_results run_scenario(const scenario& what, const std::vector<subject>& subjects, const scale& size,
                              const run_limits& limits, ssh_server& server);

}  // namespace tunnel::bench
