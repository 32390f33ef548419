#include "ssh/native/core/receive_window.hpp"

namespace tunnel::ssh::native {

namespace {

// The part of the window that is granted at once: a server that waits for it has the rest under way.
constexpr std::uint32_t steps = 8;

}  // namespace

std::uint32_t receive_window::consume(std::size_t count, std::uint64_t wanted, window_budget& budget) {
  backlog_ -= static_cast<std::uint32_t>(count);
  const std::uint32_t due = size_ - credit_ - backlog_;
  if (due < size_ / steps) return 0;
  if (backlog_ == 0) grow(wanted, budget);
  const std::uint32_t granted = size_ - credit_ - backlog_;
  credit_ += granted;
  return granted;
}

void receive_window::grow(std::uint64_t wanted, window_budget& budget) {
  wanted = std::min<std::uint64_t>(wanted, largest);
  if (wanted <= size_) return;
  const std::uint64_t more = std::min(wanted - size_, budget.left());
  budget.take(more);
  size_ += static_cast<std::uint32_t>(more);
}

void receive_window::release(window_budget& budget) {
  budget.give_back(size_ - initial);
  size_ = initial;
}

}  // namespace tunnel::ssh::native
