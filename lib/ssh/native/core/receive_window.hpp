#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tunnel::ssh::native {

/// What all channels of a connection may have in windows beyond the initial ones.
class window_budget {
 public:
  /// Policy: what stalled clients could make this side hold at the most, beside initial windows.
  static constexpr std::uint64_t limit = std::uint64_t{64} * 1024 * 1024;

  [[nodiscard]] std::uint64_t left() const { return limit - used_; }
  void take(std::uint64_t count) { used_ += count; }
  void give_back(std::uint64_t count) { used_ -= count; }

 private:
  std::uint64_t used_ = 0;
};

/// The window that this side keeps open for one channel (RFC 4254 section 5.2), in octets of payload.
///
/// It is topped up in small steps, and grows while octets pass straight through and the path could carry
/// more than the window lets under way.
class receive_window {
 public:
  /// Policy: ssh's own, enough for 160 Mbit/s at 100 ms; what a client that never read can make this side
  /// hold.
  static constexpr std::uint32_t initial = 2 * 1024 * 1024;
  /// Policy: beyond what OpenSSH's sshd buffers for a channel (its CHAN_INPUT_MAX) a window is of no use.
  static constexpr std::uint32_t largest = 16 * 1024 * 1024;

  /// The server sent `count` octets. False: more than it may.
  [[nodiscard]] bool receive(std::size_t count) {
    if (count > credit_) return false;
    credit_ -= static_cast<std::uint32_t>(count);
    backlog_ += static_cast<std::uint32_t>(count);
    return true;
  }

  /// `count` octets have reached their reader. Returns what to grant the server now, zero for later.
  /// `wanted`: bandwidth_delay::window().
  [[nodiscard]] std::uint32_t consume(std::size_t count, std::uint64_t wanted, window_budget& budget);

  /// Octets that the server sent and the reader has not taken.
  [[nodiscard]] std::uint32_t backlog() const { return backlog_; }
  /// The window's end gives its share of the budget back.
  void release(window_budget& budget);

 private:
  void grow(std::uint64_t wanted, window_budget& budget);

  std::uint32_t credit_ = initial;
  std::uint32_t size_ = initial;
  std::uint32_t backlog_ = 0;
};

}  // namespace tunnel::ssh::native
