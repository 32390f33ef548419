#pragma once

#include <cstdint>
#include <memory>

#include "base/octets.hpp"

namespace tunnel::relay {

/// Frames on their way to a client, in a ring of a fixed size. A frame that has no room pushes the oldest
/// out: a late datagram is worth less than a new one. What has been written in part is kept until it is
/// whole.
///
/// Nothing is allocated per frame.
class outbox {
 public:
  /// Policy: a client that stalls for a tenth of a second at 10 MB/s loses nothing.
  static constexpr std::size_t default_capacity = std::size_t{1024} * 1024;

  /// `capacity` must be at least udp::framing::max_frame.
  explicit outbox(std::size_t capacity = default_capacity);

  /// Octets that are no frame, such as a greeting: before everything else, and never dropped.
  void begin_with(octet_view data) { rest_.assign(data.begin(), data.end()); }

  /// Copies a whole frame (udp/framing).
  void add(octet_view frame);

  /// The octets to write next; empty when there are none. Until add() or sent().
  [[nodiscard]] octet_view front() const;

  /// So many octets of front() have been written.
  void sent(std::size_t count);

  [[nodiscard]] bool empty() const { return rest_at_ == rest_.size() && used_ == 0; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  [[nodiscard]] octet at(std::size_t offset) const { return ring_[(begin_ + offset) % capacity_]; }
  [[nodiscard]] std::size_t front_size() const;
  void drop_front();
  void skip(std::size_t count);
  void keep_rest(std::size_t size);

  std::size_t capacity_;
  std::unique_ptr<octet[]> ring_;
  std::size_t begin_ = 0;
  std::size_t used_ = 0;
  /// What is left of a frame whose beginning has been written.
  octets rest_;
  std::size_t rest_at_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace tunnel::relay
