#include "udp/client/frame_sender.hpp"

#include <algorithm>
#include <utility>

namespace tunnel::udp {

/// Fills the places that a channel gives, one after the other.
class frame_sender::filler {
 public:
  explicit filler(std::span<const octet_span> places) : places_(places) {}

  /// Puts in what there is room for, and gives the rest.
  octet_view put(octet_view data) {
    while (!data.empty() && !places_.empty()) {
      const auto place = places_.front().subspan(used_);
      const auto part = data.first(std::min(place.size(), data.size()));
      std::copy(part.begin(), part.end(), place.begin());
      data = data.subspan(part.size());
      used_ += part.size();
      count_ += part.size();
      if (used_ != places_.front().size()) break;
      places_ = places_.subspan(1);
      used_ = 0;
    }
    return data;
  }

  [[nodiscard]] bool full() const { return places_.empty(); }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  std::span<const octet_span> places_;
  std::size_t used_ = 0;
  std::size_t count_ = 0;
};

void frame_sender::use(ssh::channel* channel) {
  channel_ = channel;
  current_.clear();
  current_sent_ = 0;
  if (channel_ != nullptr) flush();
}

void frame_sender::send(frame_queue::tag whose, octet_view head, octet_view data) {
  if (channel_ != nullptr && is_idle() && send_now(head, data)) return;
  keep(whose, head, data);
  flush();
}

void frame_sender::gather(frame_queue::tag whose, octet_view head, octet_view data) {
  if (!waiting_.has_room_for(head.size() + data.size())) flush();
  keep(whose, head, data);
}

void frame_sender::keep(frame_queue::tag whose, octet_view head, octet_view data) {
  const auto size = head.size() + data.size();
  if (!waiting_.can_hold(size)) return dropped_(whose);
  while (!waiting_.has_room_for(size)) dropped_(waiting_.drop());
  waiting_.push(whose, head, data);
}

// False: not even its beginning.
bool frame_sender::send_now(octet_view head, octet_view data) {
  filler room(channel_->prepare());
  const auto head_left = room.put(head);
  const auto data_left = room.put(data);
  if (room.count() == 0) return false;
  channel_->commit(room.count());
  current_.assign(head_left.begin(), head_left.end());
  current_.insert(current_.end(), data_left.begin(), data_left.end());
  if (!current_.empty()) flush();
  return true;
}

void frame_sender::flush() {
  while (channel_ != nullptr && !is_idle()) {
    filler room(channel_->prepare());
    fill(room);
    if (room.count() == 0) return;
    channel_->commit(room.count());
  }
}

// With as many frames as there is room for: a packet for each would cost both ends far more.
void frame_sender::fill(filler& room) {
  while (!is_idle() && !room.full()) {
    if (current_.empty()) waiting_.take(current_);
    const auto left = room.put(octet_view(current_).subspan(current_sent_));
    current_sent_ = current_.size() - left.size();
    if (!left.empty()) return;
    current_.clear();
    current_sent_ = 0;
  }
}

}  // namespace tunnel::udp
