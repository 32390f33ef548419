#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "base/octets.hpp"
#include "delay_relay.hpp"
#include "sockets.hpp"

/// The parts of delay_relay: one direction of one connection, and what the connections share.
namespace tunnel::bench {

inline constexpr std::size_t chunk_size = 64 * 1024;
using chunk = std::array<octet, chunk_size>;

/// Spare chunks, the most recently used first so that they are still in the processor's cache.
class chunk_pool {
 public:
  std::unique_ptr<chunk> take();
  void give_back(std::unique_ptr<chunk> used) { spare_.push_back(std::move(used)); }

 private:
  std::vector<std::unique_ptr<chunk>> spare_;
};

/// One direction of the path: decides when octets arrive at its far end.
class link {
 public:
  explicit link(path_shape shape) : shape_(shape) {}

  /// When `count` octets that enter now come out.
  clock::time_point admit(std::size_t count, clock::time_point now);

  /// When there is room to enter: now or earlier unless the path is narrow and its queue full.
  [[nodiscard]] clock::time_point room_at() const;

  /// The most octets that should enter in one piece: few on a narrow path, which would else be bursty.
  [[nodiscard]] std::size_t piece() const;

 private:
  path_shape shape_;
  clock::time_point free_at_{};
};

/// One direction of one connection. Sockets are non-blocking and belong to the caller.
class delay_pipe {
 public:
  /// Nothing is delivered before `opens_at`.
  delay_pipe(link& path, chunk_pool& pool, clock::time_point opens_at)
      : link_(path), pool_(pool), opens_at_(opens_at) {}

  /// Reads once from `socket`. False when the connection is broken.
  bool read_from(int socket, clock::time_point now);

  /// Writes to `socket` what is due. False when the connection is broken.
  bool write_to(int socket, clock::time_point now);

  [[nodiscard]] bool wants_read(clock::time_point now) const;
  /// Whether the last write_to() had to stop because the socket would not take more.
  [[nodiscard]] bool is_blocked() const { return blocked_; }
  /// Whether the end of the stream has been delivered.
  [[nodiscard]] bool is_over() const { return end_read_ && queue_.empty(); }
  /// When this pipe has something to do that no socket's readiness will tell of; max() for never.
  [[nodiscard]] clock::time_point next_due(clock::time_point now) const;

 private:
  struct under_way {
    std::unique_ptr<chunk> data;
    std::size_t begin = 0;
    std::size_t end = 0;
    clock::time_point due;
    [[nodiscard]] bool is_end_of_stream() const { return !data; }
  };

  [[nodiscard]] bool is_full() const;
  [[nodiscard]] bool is_early(clock::time_point now) const {
    return queue_.empty() || queue_.front().due > now;
  }
  void enqueue(under_way item, clock::time_point now);

  link& link_;
  chunk_pool& pool_;
  clock::time_point opens_at_;
  std::deque<under_way> queue_;
  bool end_read_ = false;
  bool blocked_ = false;
};

}  // namespace tunnel::bench
