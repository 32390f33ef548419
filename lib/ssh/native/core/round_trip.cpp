#include "ssh/native/core/round_trip.hpp"

#include <algorithm>

namespace tunnel::ssh::native {

namespace {

// How long a path's shortest round trip is believed. Long, because a busy path shows only longer ones.
constexpr auto period = std::chrono::minutes(5);
// The first ones follow one another, so that one that met a busy machine counts for nothing.
constexpr unsigned first_measurements = 8;
constexpr auto between_measurements = std::chrono::seconds(1);

}  // namespace

void round_trip::on_measured(duration took, time_point now) {
  if (now - period_began_ >= period) {
    periods_[1] = periods_[0];
    periods_[0] = duration::max();
    period_began_ = now;
  }
  periods_[0] = std::min(periods_[0], took);
  measured_ = now;
  ++count_;
  traffic_since_measured_ = false;
}

bool round_trip::wants_measuring(time_point now) const {
  return count_ < first_measurements || (traffic_since_measured_ && now - measured_ >= between_measurements);
}

round_trip::duration round_trip::shortest() const {
  const auto found = std::min(periods_[0], periods_[1]);
  return found == duration::max() ? duration::zero() : found;
}

}  // namespace tunnel::ssh::native
