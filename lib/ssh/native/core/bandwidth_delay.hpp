#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace tunnel::ssh::native {

/// Estimates how many octets must be under way to keep the path from the server full: the highest rate at
/// which they came times the shortest round trip, as BBR reckons it. The round trip under load would not
/// do: it grows with whatever the window allows to queue up, and the window with it.
class bandwidth_delay {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// Octets of channels came in.
  void add(std::size_t count) { received_ += count; }
  /// A round trip measured by an answer that came behind those octets.
  void on_round_trip(duration round_trip, time_point now);

  /// Whether another round trip is worth measuring: octets come, and the last was not just now.
  [[nodiscard]] bool wants_round_trip(time_point now) const;

  /// In octets; zero while nothing is known.
  [[nodiscard]] std::uint64_t estimate() const;

 private:
  struct sample {
    duration shortest = duration::max();
    double rate = 0;
  };

  void rotate(time_point now);

  std::uint64_t received_ = 0;
  std::uint64_t received_at_round_ = 0;
  std::optional<time_point> round_;
  // What held in this and in the last period: old paths and old rates are forgotten.
  std::array<sample, 2> periods_{};
  time_point period_began_{};
};

}  // namespace tunnel::ssh::native
