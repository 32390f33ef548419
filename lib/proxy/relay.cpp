#include "proxy/relay.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tunnel::proxy {

namespace {

// Reads from one client before others on the thread get their turn.
constexpr int reads_per_turn = 2;

}  // namespace

relay::relay(client from, std::unique_ptr<ssh::channel> to, octets early)
    : client_(std::move(from)),
      channel_(std::move(to)),
      ended_(client_.socket().get_executor(), asio::steady_timer::time_point::max()),
      early_(std::move(early)) {}

void relay::start(finish_handler finished) {
  ended_.async_wait([self = shared_from_this(), finished = std::move(finished)](boost::system::error_code) {
    finished(self->summary_);
  });
  channel_->attach(*this);
  watch_for_reset();
  move_up();
}

// --- client to channel -------------------------------------------------------------------------------------

void relay::send_early() {
  while (early_sent_ != early_.size()) {
    const auto room = channel_->prepare();
    if (room.empty()) return;
    std::size_t count = 0;
    for (const auto& place : room) {
      const auto left = octet_view(early_).subspan(early_sent_);
      const auto part = left.first(std::min(place.size(), left.size()));
      std::copy(part.begin(), part.end(), place.begin());
      early_sent_ += part.size();
      count += part.size();
    }
    channel_->commit(count);
    summary_.octets_up += count;
  }
  early_ = octets();
  early_sent_ = 0;
}

void relay::move_up() {
  send_early();
  if (!early_.empty()) return;
  for (int turn = 0; turn < reads_per_turn && !over_ && !up_over_; ++turn) {
    const auto room = channel_->prepare();
    if (room.empty()) return;
    std::array<asio::mutable_buffer, ssh::channel::max_pieces> buffers;
    std::size_t size = 0;
    for (std::size_t i = 0; i < room.size(); ++i) {
      buffers[i] = asio::buffer(room[i].data(), room[i].size());
      size += room[i].size();
    }
    boost::system::error_code failure;
    const auto count = client_.socket().read_some(std::span(buffers).first(room.size()), failure);
    if (failure == asio::error::would_block) break;
    if (failure == asio::error::eof) {
      up_over_ = true;
      channel_->send_eof();
      return finish_if_over();
    }
    if (failure) return finish("the client reset its connection");
    channel_->commit(count);
    summary_.octets_up += count;
    if (count < size) break;
  }
  if (!over_) wait_for_client();
}

void relay::wait_for_client() {
  client_.socket().async_wait(tcp::socket::wait_read,
                              [self = shared_from_this()](boost::system::error_code failure) {
                                if (!failure && !self->over_) self->move_up();
                              });
}

// Reads tell of a reset too, but there are none while the server takes nothing or after the client's FIN.
void relay::watch_for_reset() {
  client_.socket().async_wait(
      tcp::socket::wait_error, [self = shared_from_this()](boost::system::error_code failure) {
        if (failure || self->over_) return;
        int reason = 0;
        socklen_t size = sizeof reason;
        // Urgent data and two FINs end the wait as well.
        ::getsockopt(self->client_.socket().native_handle(), SOL_SOCKET, SO_ERROR, &reason, &size);
        if (reason != 0) self->finish("the client reset its connection");
      });
}

void relay::on_writable() {
  move_up();
}

// --- channel to client -------------------------------------------------------------------------------------

bool relay::on_data(std::span<const octet_view> pieces) {
  const auto self = shared_from_this();
  std::array<asio::const_buffer, ssh::channel::max_pieces> buffers;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    buffers[i] = asio::buffer(pieces[i].data(), pieces[i].size());
    summary_.octets_down += pieces[i].size();
  }
  const auto all = std::span(buffers).first(pieces.size());
  if (held_.empty()) return write_down(all);
  hold(all);
  return false;
}

void relay::hold(std::span<const asio::const_buffer> buffers) {
  for (const auto& each : buffers) {
    const auto* begin = static_cast<const octet*>(each.data());
    held_.insert(held_.end(), begin, begin + each.size());
  }
}

// True when the client took it all; otherwise the rest is held, or the relay is over.
bool relay::write_down(std::span<asio::const_buffer> buffers) {
  while (!buffers.empty()) {
    boost::system::error_code failure;
    auto count = client_.socket().write_some(buffers, failure);
    if (failure == asio::error::would_block) {
      hold(buffers);
      wait_for_client_room();
      return false;
    }
    if (failure) {
      finish("the client closed its connection");
      return false;
    }
    while (!buffers.empty() && count >= buffers.front().size()) {
      count -= buffers.front().size();
      buffers = buffers.subspan(1);
    }
    if (count != 0) buffers.front() += count;
  }
  return true;
}

void relay::wait_for_client_room() {
  client_.socket().async_wait(tcp::socket::wait_write,
                              [self = shared_from_this()](boost::system::error_code failure) {
                                if (!failure && !self->over_) self->write_held();
                              });
}

void relay::write_held() {
  while (held_sent_ != held_.size()) {
    boost::system::error_code failure;
    const auto left = octet_view(held_).subspan(held_sent_);
    const auto count = client_.socket().write_some(asio::buffer(left.data(), left.size()), failure);
    if (failure == asio::error::would_block) return wait_for_client_room();
    if (failure) return finish("the client closed its connection");
    held_sent_ += count;
  }
  held_ = octets();
  held_sent_ = 0;
  if (down_ending_) return end_down();
  if (channel_) channel_->resume();
}

void relay::on_eof() {
  const auto self = shared_from_this();
  down_ending_ = true;
  if (held_.empty()) end_down();
}

void relay::end_down() {
  down_over_ = true;
  boost::system::error_code ignored;
  client_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  finish_if_over();
}

// --- the end -----------------------------------------------------------------------------------------------

void relay::on_closed(const error* lost) {
  const auto self = shared_from_this();
  if (lost != nullptr) {
    reset_client();
    return finish(lost->message);
  }
  channel_closed_ = true;
  // What the client has not taken yet is still its own.
  down_ending_ = true;
  if (held_.empty() && !down_over_) end_down();
  finish_if_over();
}

void relay::finish_if_over() {
  if (over_ || !down_over_) return;
  if (up_over_) return finish("both sides closed");
  if (channel_closed_) finish("the server closed the channel");
}

void relay::reset_client() {
  boost::system::error_code ignored;
  client_.socket().set_option(tcp::socket::linger(true, 0), ignored);
}

void relay::finish(std::string ending) {
  if (over_) return;
  over_ = true;
  summary_.ending = std::move(ending);
  channel_.reset();
  boost::system::error_code ignored;
  client_.socket().close(ignored);
  ended_.cancel();
}

}  // namespace tunnel::proxy
