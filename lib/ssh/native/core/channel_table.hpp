#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ssh/native/core/receive_window.hpp"
#include "ssh/native/core/send_window.hpp"

namespace tunnel::ssh::native {

/// This side's number of a channel (RFC 4254 section 5).
using channel_id = std::uint32_t;

/// What the protocol knows of a channel.
///
///     free -> opening -> open -> free
///                |  \-> free (refused)
///                v
///           abandoned -> open, and closed at once
///
/// Offered is a channel that the server opens and that is not answered yet.
struct channel_record {
  enum class state : std::uint8_t { free, opening, abandoned, offered, open };

  state now = state::free;
  bool eof_sent = false;
  bool close_sent = false;
  bool eof_received = false;
  bool close_received = false;
  /// prepare() gave nothing, so that `writable` is due.
  bool wants_room = false;
  /// Among those that the next deadline looks at.
  bool watched = false;
  /// A request of ours is not answered yet.
  bool asked = false;
  std::uint32_t remote_channel = 0;
  std::uint32_t remote_max_packet = 0;
  receive_window local_window;
  send_window remote_window;
};

/// Channels by number. A number is used again as soon as it is free; look-up, taking and freeing are O(1).
class channel_table {
 public:
  channel_id take();
  void free(channel_id id);
  /// Null when there is no such channel.
  channel_record* find(channel_id id);
  channel_record& at(channel_id id) { return records_.at(id); }
  [[nodiscard]] std::size_t size() const { return records_.size() - free_.size(); }

 private:
  std::vector<channel_record> records_;
  std::vector<channel_id> free_;
};

}  // namespace tunnel::ssh::native
