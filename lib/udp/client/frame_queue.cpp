#include "udp/client/frame_queue.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace tunnel::udp {

void frame_queue::push(tag whose, octet_view head_octets, octet_view data) {
  if (ring_.empty()) ring_.resize(capacity_);
  const head first{static_cast<std::uint32_t>(head_octets.size() + data.size()), whose};
  const auto in_memory = std::bit_cast<std::array<octet, head_size>>(first);
  write(in_memory);
  write(head_octets);
  write(data);
}

frame_queue::tag frame_queue::drop() {
  const auto first = read_head();
  skip(first.size);
  return first.whose;
}

void frame_queue::take(octets& out) {
  const auto first = read_head();
  out.resize(first.size);
  read(out);
}

void frame_queue::write(octet_view data) {
  const auto end = (begin_ + used_) % capacity_;
  const auto straight = data.first(std::min(data.size(), capacity_ - end));
  std::copy(straight.begin(), straight.end(), ring_.begin() + static_cast<std::ptrdiff_t>(end));
  const auto around = data.subspan(straight.size());
  std::copy(around.begin(), around.end(), ring_.begin());
  used_ += data.size();
}

void frame_queue::read(octet_span out) {
  const auto all = octet_view(ring_);
  const auto straight = all.subspan(begin_, std::min(out.size(), capacity_ - begin_));
  std::copy(straight.begin(), straight.end(), out.begin());
  const auto around = all.first(out.size() - straight.size());
  std::copy(around.begin(), around.end(), out.begin() + static_cast<std::ptrdiff_t>(straight.size()));
  skip(out.size());
}

void frame_queue::skip(std::size_t count) {
  begin_ = (begin_ + count) % capacity_;
  used_ -= count;
}

frame_queue::head frame_queue::read_head() {
  std::array<octet, head_size> in_memory{};
  read(in_memory);
  return std::bit_cast<head>(in_memory);
}

}  // namespace tunnel::udp
