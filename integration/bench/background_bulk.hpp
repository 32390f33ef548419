#pragma once

#include <atomic>
#include <future>

#include "scenarios.hpp"

namespace tunnel::bench {

/// An endless bulk flow in a thread of its own, from now until told to stop.
class background_bulk {
 public:
  background_bulk(const test_bed& bed, direction way);
  ~background_bulk() { stop_ = true; }
  background_bulk(const background_bulk&) = delete;
  background_bulk& operator=(const background_bulk&) = delete;

  /// Stops it; its throughput. Throws run_failure when it has failed.
  metric finish();

 private:
  metric download(const test_bed& bed);
  metric upload(const test_bed& bed);

  std::atomic<bool> stop_ = false;
  // Its destructor waits for the thread.
  std::future<metric> done_;
};

}  // namespace tunnel::bench
