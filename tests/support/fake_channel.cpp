#include "support/fake_channel.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace tunnel::support {

class channel_peer::client_end final : public ssh::channel {
 public:
  explicit client_end(std::shared_ptr<channel_peer> peer) : peer_(std::move(peer)) {}

  ~client_end() override {
    peer_->destroyed_ = true;
    peer_->handler_ = nullptr;
  }

  void attach(ssh::channel_handler& handler) override {
    peer_->handler_ = &handler;
    if (peer_->lost_) asio::post(peer_->executor_, [peer = peer_] { peer->lose(*peer->lost_); });
  }

  void resume() override {
    peer_->paused_ = false;
    ++peer_->resumed_;
  }

  std::span<const octet_span> prepare() override {
    const auto room = peer_->lost_ ? 0 : std::min(peer_->window_, buffer_.size());
    peer_->wanted_ = room == 0;
    room_ = octet_span(buffer_).first(room);
    return {&room_, room == 0 ? 0U : 1U};
  }

  void commit(std::size_t count) override {
    if (peer_->eof_) throw std::logic_error("octets after the end");
    if (count > std::min(peer_->window_, buffer_.size()))
      throw std::logic_error("octets beyond the room for them");
    peer_->received_ += as_text(octet_view(buffer_).first(count));
    ++peer_->commits_;
    if (peer_->window_ != unlimited) peer_->window_ -= count;
  }

  void expedite() override { peer_->expedited_ = true; }

  void send_eof() override {
    if (std::exchange(peer_->eof_, true)) throw std::logic_error("a second end");
  }

 private:
  std::shared_ptr<channel_peer> peer_;
  std::array<octet, 32 * 1024> buffer_{};
  octet_span room_;
};

std::unique_ptr<ssh::channel> channel_peer::open() {
  return std::make_unique<client_end>(shared_from_this());
}

void channel_peer::set_window(std::size_t octets) {
  window_ = octets;
  if (window_ != 0 && handler_ != nullptr && std::exchange(wanted_, false)) handler_->on_writable();
}

bool channel_peer::deliver(std::string_view data) {
  if (handler_ == nullptr || paused_) throw std::logic_error("nobody takes deliveries now");
  const auto piece = as_octets(data);
  paused_ = !handler_->on_data({&piece, 1});
  return !paused_;
}

void channel_peer::end() {
  handler_->on_eof();
}

void channel_peer::close() {
  std::exchange(handler_, nullptr)->on_closed(nullptr);
}

void channel_peer::lose(const error& why) {
  const error reason = why;
  lost_ = reason;
  if (handler_ != nullptr) std::exchange(handler_, nullptr)->on_closed(&reason);
}

}  // namespace tunnel::support
