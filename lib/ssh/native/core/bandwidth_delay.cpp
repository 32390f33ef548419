#include "ssh/native/core/bandwidth_delay.hpp"

#include <algorithm>

namespace tunnel::ssh::native {

namespace {

// Often enough to double the window within a few round trips, seldom enough not to be seen in the load.
constexpr auto least_pause = std::chrono::milliseconds(5);
constexpr std::uint64_t least_octets = 64 * 1024;
// How long a path's shortest round trip is believed. Long, because a busy path shows only longer ones.
constexpr auto period = std::chrono::minutes(5);

}  // namespace

void bandwidth_delay::rotate(time_point now) {
  if (now - period_began_ < period) return;
  periods_[1] = periods_[0];
  periods_[0] = {};
  period_began_ = now;
}

void bandwidth_delay::on_round_trip(duration round_trip, time_point now) {
  rotate(now);
  auto& current = periods_[0];
  current.shortest = std::min(current.shortest, round_trip);
  if (round_) {
    const std::chrono::duration<double> elapsed = now - *round_;
    const auto octets = static_cast<double>(received_ - received_at_round_);
    if (elapsed.count() > 0) current.rate = std::max(current.rate, octets / elapsed.count());
  }
  round_ = now;
  received_at_round_ = received_;
}

bool bandwidth_delay::wants_round_trip(time_point now) const {
  if (!round_) return true;
  return received_ - received_at_round_ >= least_octets && now - *round_ >= least_pause;
}

std::uint64_t bandwidth_delay::estimate() const {
  const auto shortest = std::min(periods_[0].shortest, periods_[1].shortest);
  if (shortest == duration::max()) return 0;
  const auto rate = std::max(periods_[0].rate, periods_[1].rate);
  return static_cast<std::uint64_t>(rate * std::chrono::duration<double>(shortest).count());
}

}  // namespace tunnel::ssh::native
