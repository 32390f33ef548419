#pragma once

#include <chrono>
#include <functional>

namespace tunnel::pool {

/// The pauses between attempts to reconnect: 0.5 s, doubling up to 30 s, each shortened by up to a quarter
/// at random so that many clients of one server do not come back in step.
class backoff {
 public:
  using duration = std::chrono::milliseconds;

  static constexpr duration first{500};
  static constexpr duration longest{30'000};

  /// `jitter` gives a number in [0, 1).
  explicit backoff(std::function<double()> jitter);

  /// The pause before the next attempt.
  duration next();

  /// After a connection that worked.
  void reset() { pause_ = first; }

 private:
  std::function<double()> jitter_;
  duration pause_ = first;
};

}  // namespace tunnel::pool
