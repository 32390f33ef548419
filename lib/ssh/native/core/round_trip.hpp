#pragma once

#include <array>
#include <chrono>

namespace tunnel::ssh::native {

/// How long the path to the server and back takes when nothing queues on it: the shortest round trip of the
/// last minutes. One under load would not do for the size of a window: it grows with whatever the window
/// allows to queue up, and the window with it.
class round_trip {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// Octets of channels came in.
  void on_traffic() { traffic_since_measured_ = true; }
  void on_measured(duration took, time_point now);

  /// Whether it is worth measuring: few are known, or the last is old and octets came since.
  [[nodiscard]] bool wants_measuring(time_point now) const;

  /// Zero while nothing is known.
  [[nodiscard]] duration shortest() const;

 private:
  // The shortest of this period and of the last: old paths are forgotten.
  std::array<duration, 2> periods_{duration::max(), duration::max()};
  time_point period_began_{};
  time_point measured_{};
  unsigned count_ = 0;
  bool traffic_since_measured_ = false;
};

}  // namespace tunnel::ssh::native
