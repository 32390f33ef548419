#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

namespace tunnel::integration {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// How long a step may take before it counts as hung. Generous, since sanitizer builds on two busy cores
/// run these tests too; a test that promises a time of its own measures it.
inline constexpr seconds patience{20};

/// Thrown when a wait ran out of time. The text says what was waited for.
class timed_out : public std::runtime_error {
 public:
  explicit timed_out(const std::string& what) : std::runtime_error("timed out: " + what) {}
};

/// A point in time by which something must have happened.
class deadline {
 public:
  explicit deadline(milliseconds from_now) : at_(steady_clock::now() + from_now) {}

  [[nodiscard]] bool passed() const { return steady_clock::now() >= at_; }

  /// What is left, never negative: poll(2)'s last argument.
  [[nodiscard]] int left_in_milliseconds() const {
    const auto left = std::chrono::ceil<milliseconds>(at_ - steady_clock::now());
    return left.count() > 0 ? static_cast<int>(left.count()) : 0;
  }

 private:
  steady_clock::time_point at_;
};

/// Asks `condition` until it holds, for things that announce themselves in no other way (a log file, a
/// descriptor count). False when `limit` passed first.
template <class Condition>
bool eventually(Condition condition, milliseconds limit = patience) {
  const deadline end(limit);
  while (!condition()) {
    if (end.passed()) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

/// The time since it was made.
class stopwatch {
 public:
  [[nodiscard]] milliseconds elapsed() const {
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start_);
  }

 private:
  steady_clock::time_point start_ = steady_clock::now();
};

}  // namespace tunnel::integration
