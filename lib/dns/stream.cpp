#include "dns/stream.hpp"

#include <algorithm>
#include <utility>

namespace tunnel::dns {

stream::stream(pool::lease held, std::unique_ptr<ssh::channel> channel, events told)
    : held_(std::move(held)),
      channel_(std::move(channel)),
      told_(std::move(told)),
      ended_(held_.executor(), asio::steady_timer::time_point::max()) {}

void stream::start() {
  ended_.async_wait([self = shared_from_this()](boost::system::error_code) {});
  // Somebody waits for the name.
  channel_->expedite();
  channel_->attach(*this);
}

void stream::send(octets framed) {
  if (!channel_) return;
  unsent_.insert(unsent_.end(), framed.begin(), framed.end());
  flush();
}

void stream::flush() {
  while (sent_ != unsent_.size()) {
    std::size_t count = 0;
    for (const auto& room : channel_->prepare()) {
      const auto part = std::min(room.size(), unsent_.size() - sent_ - count);
      std::copy_n(unsent_.begin() + static_cast<std::ptrdiff_t>(sent_ + count), part, room.begin());
      count += part;
    }
    if (count == 0) return;
    channel_->commit(count);
    sent_ += count;
  }
  unsent_.clear();
  sent_ = 0;
}

bool stream::on_data(std::span<const octet_view> pieces) {
  std::vector<octets> messages;
  for (const auto& piece : pieces) splitter_.feed(piece, messages);
  if (messages.empty()) return true;
  told_.messages(std::move(messages));
  return false;
}

void stream::resume() {
  if (channel_) channel_->resume();
}

// The server answers no more (RFC 7766 section 6.2.4): what it still owes is asked elsewhere.
void stream::on_eof() {
  end();
}

void stream::on_closed(const error*) {
  end();
}

void stream::end() {
  channel_.reset();
  ended_.cancel();
  told_.over();
}

void stream::stop() {
  channel_.reset();
  ended_.cancel();
}

}  // namespace tunnel::dns
