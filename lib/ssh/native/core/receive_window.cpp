#include "ssh/native/core/receive_window.hpp"

#include <algorithm>
#include <utility>

namespace tunnel::ssh::native {

namespace {

// The part of the window that is granted at once: a server that waits for it has the rest under way.
constexpr std::uint32_t steps = 8;
// How much larger a window becomes that was used up.
constexpr std::uint32_t growth = 3;
// What a window may have beyond what came in a round trip. OpenSSH's sshd reads as much ahead into a buffer
// that it copies whole each time it grows: little for 2 MiB, seconds for 16.
constexpr std::uint32_t spare = receive_window::initial;

// Round trips within which a growth must prove that the path carries more.
constexpr unsigned trial_rounds = 8;
// For how long one that did not is not tried again, the first time and at the most.
constexpr auto shortest_enough = std::chrono::seconds(10);
constexpr auto longest_enough = std::chrono::seconds(160);

}  // namespace

bool receive_window::receive(std::size_t count, time_point now, duration round_trip) {
  if (count > credit_) return false;
  credit_ -= static_cast<std::uint32_t>(count);
  backlog_ += static_cast<std::uint32_t>(count);
  if (round_trip != duration::zero()) measure(static_cast<std::uint32_t>(count), now, round_trip);
  return true;
}

void receive_window::measure(std::uint32_t count, time_point now, duration round_trip) {
  if (now - round_began_ >= round_trip) end_round(now);
  round_octets_ += count;
  // The step that was not granted yet when the server sent the last of it does not count. Where a reader is
  // behind, a larger window would only hold more.
  if (grew_ || round_octets_ < size_ - size_ / steps || backlog_ > size_ / 2) return;
  const auto larger = std::min(size_ * growth, now < enough_until_ ? enough_ : largest);
  if (larger <= size_) return;
  before_ = size_;
  on_trial_ = trial_rounds;
  wanted_ = larger;
  grew_ = true;
}

void receive_window::end_round(time_point now) {
  // One slow round trip is not yet a slower path.
  carried_ = std::max(round_octets_, carried_ / 2);
  const auto fitting = std::max(carried_ + spare, initial);
  // What was granted in the last one has its effect in this.
  if (!std::exchange(grew_, false) && fitting < wanted_) shrink(fitting, now);
  if (on_trial_ != 0 && --on_trial_ == 0) enough_for_ = duration::zero();
  round_began_ = now;
  round_octets_ = 0;
}

void receive_window::shrink(std::uint32_t to, time_point now) {
  wanted_ = to;
  if (std::exchange(on_trial_, 0) == 0) return;
  enough_ = std::max(before_, to);
  enough_for_ = std::clamp<duration>(2 * enough_for_, shortest_enough, longest_enough);
  enough_until_ = now + enough_for_;
}

std::uint32_t receive_window::consume(std::size_t count, window_budget& budget) {
  backlog_ -= static_cast<std::uint32_t>(count);
  if (wanted_ < size_ || backlog_ == 0) resize(budget);
  // More than the size while a window shrinks.
  const std::uint32_t outstanding = credit_ + backlog_;
  if (outstanding + size_ / steps > size_) return 0;
  const std::uint32_t granted = size_ - outstanding;
  credit_ += granted;
  return granted;
}

void receive_window::resize(window_budget& budget) {
  if (wanted_ < size_) {
    budget.give_back(size_ - wanted_);
    size_ = wanted_;
  } else {
    const std::uint64_t more = std::min<std::uint64_t>(wanted_ - size_, budget.left());
    budget.take(more);
    size_ += static_cast<std::uint32_t>(more);
  }
}

void receive_window::release(window_budget& budget) {
  budget.give_back(size_ - initial);
  size_ = wanted_ = initial;
}

}  // namespace tunnel::ssh::native
