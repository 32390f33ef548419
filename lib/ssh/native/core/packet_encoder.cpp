#include "ssh/native/core/packet_encoder.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tunnel::ssh::native {

namespace {

constexpr std::size_t head = length_field + 1;
// The most that follows a payload: padding to a block beyond the least padding, and a SHA-512 MAC.
constexpr std::size_t max_tail = 32 + min_padding + 64;

}  // namespace

packet_encoder::packet_encoder(random_source random)
    : random_(std::move(random)), cipher_(make_plain_sealer()) {}

void packet_encoder::make_room(std::size_t size) {
  if (begin_ == end_) begin_ = end_ = 0;
  if (storage_.size() - end_ >= size) return;
  if (begin_ != 0) {
    std::copy(storage_.begin() + static_cast<std::ptrdiff_t>(begin_),
              storage_.begin() + static_cast<std::ptrdiff_t>(end_), storage_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  if (storage_.size() - end_ < size) storage_.resize(std::max(2 * storage_.size(), end_ + size));
}

void packet_encoder::raw(octet_view data) {
  make_room(data.size());
  std::ranges::copy(data, storage_.begin() + static_cast<std::ptrdiff_t>(end_));
  end_ += data.size();
}

octet_span packet_encoder::place(std::size_t size) {
  make_room(head + size + max_tail);
  return octet_span(storage_).subspan(end_ + head, size);
}

void packet_encoder::places(std::size_t size, std::span<octet_span> places) {
  make_room(places.size() * (head + size + max_tail));
  const std::size_t packet = head + size + padding_for(size) + cipher_->layout().tag_size;
  for (std::size_t i = 0; i < places.size(); ++i)
    places[i] = octet_span(storage_).subspan(end_ + i * packet + head, size);
}

std::size_t packet_encoder::padding_for(std::size_t payload) const {
  const auto& layout = cipher_->layout();
  const std::size_t unpadded = (layout.length_aligned ? head : head - length_field) + payload;
  const std::size_t padding = layout.alignment - unpadded % layout.alignment;
  return padding < min_padding ? padding + layout.alignment : padding;
}

void packet_encoder::commit(std::size_t size) {
  const auto& layout = cipher_->layout();
  const std::size_t padding = padding_for(size);
  const std::size_t length = 1 + size + padding;

  const auto packet = octet_span(storage_).subspan(end_, length_field + length);
  for (std::size_t i = 0; i < length_field; ++i)
    packet[i] = static_cast<octet>(length >> (8 * (length_field - 1 - i)));
  packet[length_field] = static_cast<octet>(padding);
  pad(packet.last(padding));
  cipher_->seal(sequence_number_, packet,
                octet_span(storage_).subspan(end_ + packet.size(), layout.tag_size));
  end_ += packet.size() + layout.tag_size;
  ++sequence_number_;
  ++usage_.packets;
  usage_.octets += packet.size();
}

void packet_encoder::packet(octet_view payload) {
  std::ranges::copy(payload, place(payload.size()).begin());
  commit(payload.size());
}

void packet_encoder::pad(octet_span padding) {
  if (padding_left_ < padding.size()) {
    random_(padding_pool_);
    padding_left_ = padding_pool_.size();
  }
  std::memcpy(padding.data(), padding_pool_.data() + padding_pool_.size() - padding_left_, padding.size());
  padding_left_ -= padding.size();
}

void packet_encoder::take_keys(std::unique_ptr<packet_sealer> cipher, bool reset_sequence_number) {
  cipher_ = std::move(cipher);
  if (reset_sequence_number) sequence_number_ = 0;
  usage_ = {};
}

void packet_encoder::sent(std::size_t count) {
  begin_ += count;
}

}  // namespace tunnel::ssh::native
