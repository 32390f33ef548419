#pragma once

#include <cstddef>
#include <cstdint>

#include "base/octets.hpp"

namespace tunnel::udp {

/// Frames that wait to be sent, oldest first, in a ring of a fixed size: nothing is allocated per frame.
///
/// Each has a tag, which says whose it is.
class frame_queue {
 public:
  using tag = std::uint32_t;
  /// Of frames that no association is told about when they are dropped.
  static constexpr tag nobody = 0;

  /// `capacity`: octets of memory, allocated when the first frame comes. A frame costs 8 more than it has.
  explicit frame_queue(std::size_t capacity) : capacity_(capacity) {}

  [[nodiscard]] bool empty() const { return used_ == 0; }
  /// Whether a frame of `size` octets could be pushed now.
  [[nodiscard]] bool has_room_for(std::size_t size) const { return head_size + size <= capacity_ - used_; }
  /// Whether it could be if the queue were empty.
  [[nodiscard]] bool can_hold(std::size_t size) const { return head_size + size <= capacity_; }

  /// Appends a frame that consists of the two. There must be room for it.
  void push(tag whose, octet_view head, octet_view data);

  /// Removes the oldest and says whose it was. There must be one.
  tag drop();

  /// Removes the oldest into `out`, in place of what is there. There must be one.
  void take(octets& out);

 private:
  static constexpr std::size_t head_size = 8;
  struct head {
    std::uint32_t size;
    tag whose;
  };

  void write(octet_view data);
  void read(octet_span out);
  void skip(std::size_t count);
  head read_head();

  std::size_t capacity_;
  octets ring_;
  std::size_t begin_ = 0;
  std::size_t used_ = 0;
};

}  // namespace tunnel::udp
