#include "contract/channel_user.hpp"

#include <algorithm>
#include <utility>

namespace tunnel::integration {

channel_user::channel_user(std::unique_ptr<ssh::channel> used) : channel_(std::move(used)) {
  channel_->attach(*this);
}

// --- sending -----------------------------------------------------------------------------------------------

void channel_user::send(std::string text) {
  text_ += text;
  push();
}

void channel_user::send_pattern(std::uint64_t seed, std::size_t count) {
  source_ = pattern(seed);
  pattern_left_ = count;
  push();
}

void channel_user::send_eof() {
  eof_due_ = true;
  push();
}

void channel_user::push() {
  while (channel_ && !sent_all()) {
    const auto room = channel_->prepare();
    if (room.empty()) return;
    std::size_t filled = 0;
    for (const auto& place : room) filled += fill(place);
    sent_ += filled;
    channel_->commit(filled);
  }
  if (channel_ && std::exchange(eof_due_, false)) channel_->send_eof();
}

std::size_t channel_user::fill(octet_span place) {
  const auto from_pattern = std::min(pattern_left_, place.size());
  if (text_.empty()) {
    pattern_left_ -= from_pattern;
    std::ranges::copy(source_.next(from_pattern), place.begin());
    return from_pattern;
  }
  const auto part = std::min(text_.size(), place.size());
  std::copy_n(text_.begin(), part, place.begin());
  text_.erase(0, part);
  return part;
}

void channel_user::on_writable() {
  push();
  tell(event::writable);
}

// --- receiving ---------------------------------------------------------------------------------------------

bool channel_user::on_data(std::span<const octet_view> pieces) {
  std::size_t octets = 0;
  for (const auto& piece : pieces) {
    octets += piece.size();
    if (expected_)
      intact_ = intact_ && expected_->continues_with(as_text(piece));
    else
      received_ += as_text(piece);
  }
  count_ += octets;
  intact_ = intact_ && !stopped_ && !eof_ && closed_ == 0 && pieces.size() <= ssh::channel::max_pieces &&
            octets <= ssh::channel::max_delivery;
  stopped_ = !takes_more_;
  const bool goes_on = takes_more_;
  tell(event::data);
  return goes_on;
}

void channel_user::resume() {
  takes_more_ = true;
  stopped_ = false;
  channel_->resume();
}

void channel_user::on_eof() {
  intact_ = intact_ && !eof_ && closed_ == 0;
  eof_ = true;
  tell(event::eof);
}

void channel_user::on_closed(const error* lost) {
  ++closed_;
  if (lost != nullptr) lost_ = *lost;
  tell(event::closed);
}

void channel_user::tell(event what) {
  if (reaction_) reaction_(what);
}

}  // namespace tunnel::integration
