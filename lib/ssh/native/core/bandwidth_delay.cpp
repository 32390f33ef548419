#include "ssh/native/core/bandwidth_delay.hpp"

#include <algorithm>

namespace tunnel::ssh::native {

namespace {

// A rate taken over less would be that of the memory bus: the kernel hands over what had piled up.
constexpr auto least_interval = std::chrono::milliseconds(2);
// How long a path's shortest round trip is believed. Long, because a busy path shows only longer ones.
constexpr auto period = std::chrono::minutes(5);
// The first ones follow one another, so that one that met a busy machine counts for nothing.
constexpr unsigned first_round_trips = 8;
constexpr auto between_round_trips = std::chrono::seconds(1);
// As BBR: the rate must grow by a quarter, and three times without it mean that the path is full.
constexpr double growth = 1.25;
constexpr unsigned tries = 3;
// Reckoned from rates under the present window, the path may carry twice as much; four times is as fast as
// the windows of a path that is not full yet should grow.
constexpr std::uint64_t gain = 2;
constexpr std::uint64_t startup_gain = 4;

}  // namespace

bandwidth_delay::duration bandwidth_delay::shortest() const {
  return std::min(periods_[0].shortest, periods_[1].shortest);
}

void bandwidth_delay::rotate(time_point now) {
  if (now - period_began_ < period) return;
  periods_[1] = periods_[0];
  periods_[0] = {};
  period_began_ = now;
}

void bandwidth_delay::add(std::size_t count, time_point now) {
  octets_ += count;
  octets_since_measured_ = true;
  const auto round_trip = shortest();
  if (round_trip == duration::max()) return;
  const auto interval = std::max<duration>(round_trip, least_interval);
  const auto elapsed = now - began_;
  if (elapsed < interval) return;
  // Beyond two intervals there was a pause in it, which says nothing about the path.
  if (elapsed < 2 * interval)
    take_rate(static_cast<double>(octets_) / std::chrono::duration<double>(elapsed).count());
  octets_ = 0;
  began_ = now;
}

void bandwidth_delay::take_rate(double rate) {
  periods_[0].rate = std::max(periods_[0].rate, rate);
  if (rate >= full_rate_ * growth) {
    full_rate_ = rate;
    without_growth_ = 0;
  } else if (without_growth_ < tries) {
    ++without_growth_;
  }
}

void bandwidth_delay::on_round_trip(duration round_trip, time_point now) {
  rotate(now);
  periods_[0].shortest = std::min(periods_[0].shortest, round_trip);
  measured_ = now;
  ++round_trips_;
  octets_since_measured_ = false;
}

bool bandwidth_delay::wants_round_trip(time_point now) const {
  return round_trips_ < first_round_trips ||
         (octets_since_measured_ && now - measured_ >= between_round_trips);
}

std::uint64_t bandwidth_delay::window() const {
  const auto round_trip = shortest();
  if (round_trip == duration::max()) return 0;
  const auto rate = std::max(periods_[0].rate, periods_[1].rate);
  const auto path = static_cast<std::uint64_t>(rate * std::chrono::duration<double>(round_trip).count());
  return path * (without_growth_ < tries ? startup_gain : gain);
}

}  // namespace tunnel::ssh::native
