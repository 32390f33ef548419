#include "ssh/native/core/send_window.hpp"

#include <algorithm>
#include <utility>

namespace tunnel::ssh::native {

namespace {

// Over less time a few grants say little about a path with a short round trip.
constexpr auto shortest_round = std::chrono::milliseconds(10);
// The part by which a slower round lowers what the path is believed to carry: one is not yet a slower path.
constexpr std::uint32_t decay = 8;

}  // namespace

std::uint32_t send_window::room() const {
  return under_way_ < bound_ ? std::min(granted_, bound_ - under_way_) : 0;
}

void send_window::send(std::size_t count) {
  granted_ -= static_cast<std::uint32_t>(count);
  // What a server grants beyond what it was sent is not known here to have arrived.
  under_way_ += std::min(static_cast<std::uint32_t>(count), unbounded - under_way_);
  if (room() == 0) limited_ = true;
}

bool send_window::grant(std::uint32_t count, time_point now, duration round_trip) {
  if (count > unbounded - granted_) return false;
  granted_ += count;
  const std::uint32_t returned = std::min(count, under_way_);
  under_way_ -= returned;
  if (!released_ && round_trip != duration::zero()) measure(returned, now, round_trip);
  last_granted_ = now;
  return true;
}

void send_window::measure(std::uint32_t returned, time_point now, duration round_trip) {
  const auto round = std::max<duration>(round_trip, shortest_round);
  // After a pause it says nothing about the path.
  if (now - last_granted_ > 2 * round) {
    round_began_ = now;
    round_octets_ = 0;
    limited_ = false;
  }
  round_octets_ += returned;
  const auto elapsed = now - round_began_;
  if (elapsed < round) return;
  const auto within_trip = static_cast<std::uint32_t>(static_cast<double>(round_octets_) *
                                                      std::chrono::duration<double>(round_trip) /
                                                      std::chrono::duration<double>(elapsed));
  const bool limited = std::exchange(limited_, false);
  round_began_ = now;
  round_octets_ = 0;
  if (within_trip > carried_) carried_ = within_trip;
  if (within_trip < carried_ && limited) carried_ = std::max(within_trip, carried_ - carried_ / decay);
  if (carried_ != 0) bound_ = 2 * std::min(carried_, unbounded / 4) + slack;
}

void send_window::release() {
  released_ = true;
  bound_ = unbounded;
}

}  // namespace tunnel::ssh::native
