#include "relay/outbox.hpp"

#include <algorithm>
#include <stdexcept>

#include "udp/framing/message.hpp"

namespace tunnel::relay {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-c-arrays): not initialised, so that unused room costs no memory.
outbox::outbox(std::size_t capacity) : capacity_(capacity), ring_(new octet[capacity]) {
  if (capacity < udp::framing::max_frame) throw std::length_error("an outbox has room for the largest frame");
}

void outbox::add(octet_view frame) {
  while (used_ + frame.size() > capacity_) drop_front();
  const std::size_t end = (begin_ + used_) % capacity_;
  const auto first = frame.first(std::min(frame.size(), capacity_ - end));
  std::ranges::copy(first, ring_.get() + end);
  std::ranges::copy(frame.subspan(first.size()), ring_.get());
  used_ += frame.size();
}

octet_view outbox::front() const {
  if (rest_at_ < rest_.size()) return octet_view(rest_).subspan(rest_at_);
  return {ring_.get() + begin_, std::min(used_, capacity_ - begin_)};
}

void outbox::sent(std::size_t count) {
  if (rest_at_ < rest_.size()) {
    rest_at_ += count;
    return;
  }
  while (count > 0) {
    const std::size_t size = front_size();
    if (count < size) {
      skip(count);
      return keep_rest(size - count);
    }
    skip(size);
    count -= size;
  }
}

// A frame begins with the number of octets that follow that number.
std::size_t outbox::front_size() const {
  return udp::framing::length_size +
         ((std::size_t{at(0)} << 16) | (std::size_t{at(1)} << 8) | std::size_t{at(2)});
}

void outbox::drop_front() {
  skip(front_size());
  ++dropped_;
}

void outbox::skip(std::size_t count) {
  begin_ = (begin_ + count) % capacity_;
  used_ -= count;
}

void outbox::keep_rest(std::size_t size) {
  rest_.resize(size);
  rest_at_ = 0;
  for (std::size_t i = 0; i < size; ++i) rest_[i] = at(i);
  skip(size);
}

}  // namespace tunnel::relay
