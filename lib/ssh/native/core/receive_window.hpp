#pragma once

#include <chrono>
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
/// It is topped up in small steps. It grows when it is what limits the flow: when within one round trip,
/// which a top-up takes to have its effect, all of it came and went straight to its reader. When a path
/// carries less, the rest of the window waits at the server and on the way, and more would only mean more
/// waiting: it shrinks again. After a growth that brought little it goes back and stays there for a while.
class receive_window {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// Policy: ssh's own, enough for 160 Mbit/s at 100 ms; what a client that never read can make this side
  /// hold.
  static constexpr std::uint32_t initial = 2 * 1024 * 1024;
  /// Policy: beyond what OpenSSH's sshd buffers for a channel (its CHAN_INPUT_MAX) a window is of no use.
  static constexpr std::uint32_t largest = 16 * 1024 * 1024;

  /// The server sent `count` octets. False: more than it may. `round_trip`: the path's when nothing queues on
  /// it, zero when that is not known.
  [[nodiscard]] bool receive(std::size_t count, time_point now, duration round_trip);

  /// `count` octets have reached their reader. Returns what to grant the server now, zero for later.
  [[nodiscard]] std::uint32_t consume(std::size_t count, window_budget& budget);

  /// Octets that the server sent and the reader has not taken.
  [[nodiscard]] std::uint32_t backlog() const { return backlog_; }
  /// The window's end gives its share of the budget back.
  void release(window_budget& budget);

 private:
  void measure(std::uint32_t count, time_point now, duration round_trip);
  void end_round(time_point now);
  void shrink(std::uint32_t to, time_point now);
  void resize(window_budget& budget);

  std::uint32_t credit_ = initial;
  std::uint32_t size_ = initial;
  std::uint32_t backlog_ = 0;
  // The size that the path deserves.
  std::uint32_t wanted_ = initial;
  // What came since `round_began_`, within one round trip.
  std::uint32_t round_octets_ = 0;
  time_point round_began_{};
  // In earlier ones.
  std::uint32_t carried_ = 0;
  bool grew_ = false;
  // The size before it last grew, and the rounds in which that must prove of use.
  std::uint32_t before_ = initial;
  unsigned on_trial_ = 0;
  // Growth beyond this has proved of no use; until when that is believed, and how long the next time.
  std::uint32_t enough_ = largest;
  time_point enough_until_{};
  duration enough_for_{};
};

}  // namespace tunnel::ssh::native
