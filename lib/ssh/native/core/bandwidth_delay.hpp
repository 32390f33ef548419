#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tunnel::ssh::native {

/// Estimates how many octets must be under way to keep the path from the server full: the highest rate at
/// which they came times the shortest round trip, as BBR reckons it. The round trip under load would not
/// do: it grows with whatever the window allows to queue up, and the window with it.
class bandwidth_delay {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// Octets of channels came in.
  void add(std::size_t count, time_point now);
  void on_round_trip(duration round_trip, time_point now);

  /// Whether a round trip is worth measuring: few are known, or the last is old and octets came since.
  [[nodiscard]] bool wants_round_trip(time_point now) const;

  /// The window that the path deserves, in octets; zero while nothing is known. While the rate still rises
  /// from one round trip to the next the path's limit has not been seen, and the window leads the way.
  [[nodiscard]] std::uint64_t window() const;

 private:
  struct record {
    duration shortest = duration::max();
    double rate = 0;
  };

  void rotate(time_point now);
  void take_rate(double rate);
  [[nodiscard]] duration shortest() const;

  // What came since `began_`.
  std::uint64_t octets_ = 0;
  time_point began_{};
  time_point measured_{};
  unsigned round_trips_ = 0;
  bool octets_since_measured_ = false;
  // What held in this period and in the last: old paths and old rates are forgotten.
  std::array<record, 2> periods_{};
  time_point period_began_{};
  // BBR's startup: intervals in a row without a rate that is clearly higher.
  double full_rate_ = 0;
  unsigned without_growth_ = 0;
};

}  // namespace tunnel::ssh::native
