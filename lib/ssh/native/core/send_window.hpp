#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace tunnel::ssh::native {

/// How much may be sent on one channel: what the server granted (RFC 4254 section 5.2), in octets of payload,
/// and of that no more than the path carries.
///
/// A server reads from the network into the channel's window, so that a client that is faster than the path
/// or the server has a whole window waiting on the way, and whatever else it sends waits behind it. What the
/// server has not granted anew yet is bounded here to twice what it grants within one round trip. A server
/// that grants in larger portions than that would never do so again: release() is for those.
class send_window {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// Policy: what may be on its way at the least. OpenSSH's sshd grants in portions of 96 KiB and more.
  static constexpr std::uint32_t slack = 256 * 1024;

  send_window() = default;
  explicit send_window(std::uint32_t granted) : granted_(granted) {}

  [[nodiscard]] std::uint32_t room() const;
  /// There would be room if it were only for what the server granted.
  [[nodiscard]] bool is_held_back() const { return granted_ != 0 && room() == 0; }

  /// At most room().
  void send(std::size_t count);

  /// SSH_MSG_CHANNEL_WINDOW_ADJUST. False: beyond 2^32 - 1. `round_trip`: the path's when nothing queues on
  /// it, zero when that is not known.
  [[nodiscard]] bool grant(std::uint32_t count, time_point now, duration round_trip);

  /// When the server last granted something.
  [[nodiscard]] time_point last_granted() const { return last_granted_; }
  /// Goes by the server's grants alone from now on.
  void release();

 private:
  static constexpr std::uint32_t unbounded = std::numeric_limits<std::uint32_t>::max();

  void measure(std::uint32_t returned, time_point now, duration round_trip);

  std::uint32_t granted_ = 0;
  // Sent, and not granted anew yet.
  std::uint32_t under_way_ = 0;
  std::uint32_t bound_ = unbounded;
  // What was granted anew within a round trip, lately.
  std::uint32_t carried_ = 0;
  // The same since `round_began_`, and whether more would have been sent meanwhile.
  std::uint32_t round_octets_ = 0;
  bool limited_ = false;
  bool released_ = false;
  time_point round_began_{};
  time_point last_granted_{};
};

}  // namespace tunnel::ssh::native
