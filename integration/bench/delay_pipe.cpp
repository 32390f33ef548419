#include "delay_pipe.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace tunnel::bench {
namespace {

using std::chrono_literals::operator""ms;

// 64 MiB: a second's worth at 512 Mbit/s, and more than anyone here keeps under way in 50 ms.
constexpr std::size_t max_chunks_under_way = 1024;

// What a home router queues when it is tuned well; longer queues would measure the router.
constexpr clock::duration narrow_queue = 10ms;

constexpr std::size_t narrow_piece = 8 * 1024;

}  // namespace

std::unique_ptr<chunk> chunk_pool::take() {
  if (spare_.empty()) return std::make_unique_for_overwrite<chunk>();
  auto taken = std::move(spare_.back());
  spare_.pop_back();
  return taken;
}

clock::time_point link::admit(std::size_t count, clock::time_point now) {
  if (shape_.octets_per_second == 0) return now + shape_.one_way;
  const auto nanoseconds = count * 1'000'000'000ULL / shape_.octets_per_second;
  free_at_ = std::max(free_at_, now) + std::chrono::nanoseconds(nanoseconds);
  return free_at_ + shape_.one_way;
}

clock::time_point link::room_at() const {
  return free_at_ - narrow_queue;
}

std::size_t link::piece() const {
  return shape_.octets_per_second == 0 ? chunk_size : narrow_piece;
}

bool delay_pipe::is_full() const {
  return queue_.size() >= max_chunks_under_way;
}

bool delay_pipe::wants_read(clock::time_point now) const {
  return !end_read_ && !is_full() && link_.room_at() <= now;
}

clock::time_point delay_pipe::next_due(clock::time_point now) const {
  auto due = clock::time_point::max();
  if (!queue_.empty() && !blocked_) due = queue_.front().due;
  const bool waits_for_room = !end_read_ && !is_full() && link_.room_at() > now;
  return waits_for_room ? std::min(due, link_.room_at()) : due;
}

void delay_pipe::enqueue(under_way item, clock::time_point now) {
  item.due = std::max(link_.admit(item.end, now), opens_at_);
  queue_.push_back(std::move(item));
}

bool delay_pipe::read_from(int socket, clock::time_point now) {
  auto data = pool_.take();
  const ssize_t count = recv(socket, data->data(), link_.piece(), 0);
  if (count <= 0) {
    const bool broken = count < 0 && errno != EAGAIN;
    pool_.give_back(std::move(data));
    if (count == 0) {
      end_read_ = true;
      enqueue({}, now);
    }
    return !broken;
  }
  enqueue({std::move(data), 0, static_cast<std::size_t>(count), {}}, now);
  return true;
}

bool delay_pipe::write_to(int socket, clock::time_point now) {
  blocked_ = false;
  while (!is_early(now)) {
    under_way& next = queue_.front();
    if (next.is_end_of_stream()) {
      shutdown(socket, SHUT_WR);
    } else {
      const ssize_t count = send(socket, next.data->data() + next.begin, next.end - next.begin, MSG_NOSIGNAL);
      if (count < 0 && errno != EAGAIN) return false;
      next.begin += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
      blocked_ = next.begin < next.end;
      if (blocked_) return true;
      pool_.give_back(std::move(next.data));
    }
    queue_.pop_front();
  }
  return true;
}

}  // namespace tunnel::bench
