#include "path/channel_stream.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "path/errors.hpp"

namespace tunnel::path {

channel_stream::channel_stream(std::shared_ptr<ssh::connection> connection,
                               std::unique_ptr<ssh::channel> channel, std::string by, std::string peer)
    : executor_(connection->get_executor()),
      by_(std::move(by)),
      peer_(std::move(peer)),
      connection_(std::move(connection)),
      channel_(std::move(channel)) {
  channel_->attach(*this);
}

channel_stream::~channel_stream() {
  close();
}

channel_stream::io_result channel_stream::read_some(octet_span data) {
  const auto count = std::min(data.size(), unread().size());
  if (count == 0) {
    if (eof_) return std::size_t{0};
    if (ended_) return ended_;
    return boost::system::error_code(asio::error::would_block);
  }
  std::copy_n(unread().begin(), count, data.begin());
  consumed_ += count;
  if (unread().empty()) {
    inbound_.clear();
    consumed_ = 0;
    if (std::exchange(paused_, false) && channel_) channel_->resume();
  }
  return count;
}

channel_stream::io_result channel_stream::write_some(octet_view data) {
  if (!channel_) return ended_;
  std::size_t count = 0;
  for (const auto& room : channel_->prepare()) {
    const auto part = std::min(room.size(), data.size() - count);
    std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(count), part, room.begin());
    count += part;
  }
  full_ = count == 0 && !data.empty();
  if (full_) return boost::system::error_code(asio::error::would_block);
  channel_->commit(count);
  return count;
}

void channel_stream::async_wait(aio::direction way, wait_handler handler) {
  const bool read = way == aio::direction::read;
  auto& waiting = read ? reader_ : writer_;
  waiting = std::move(handler);
  const bool ready = read ? eof_ || !unread().empty() : !full_;
  if (ready || ended_) wake(waiting, ended_ == asio::error::operation_aborted ? ended_ : error_code());
}

// The channel calls this object, and what waits may destroy both.
void channel_stream::wake(wait_handler& waiting, boost::system::error_code why) {
  if (!waiting) return;
  asio::post(executor_, [handler = std::exchange(waiting, nullptr), why] { handler(why); });
}

void channel_stream::finish(boost::system::error_code why) {
  if (!ended_) ended_ = why;
  full_ = false;
  channel_.reset();
}

void channel_stream::close() noexcept {
  if (!connection_) return;
  finish(asio::error::operation_aborted);
  wake(reader_, asio::error::operation_aborted);
  wake(writer_, asio::error::operation_aborted);
  connection_->close();
  connection_.reset();
}

bool channel_stream::on_data(std::span<const octet_view> pieces) {
  for (const auto& piece : pieces) inbound_.insert(inbound_.end(), piece.begin(), piece.end());
  wake(reader_);
  paused_ = unread().size() > ssh::channel::max_delivery;
  return !paused_;
}

void channel_stream::on_eof() {
  eof_ = true;
  wake(reader_);
}

void channel_stream::on_writable() {
  full_ = false;
  wake(writer_);
}

void channel_stream::on_closed(const error* lost) {
  if (lost == nullptr) {
    eof_ = true;
    finish(asio::error::broken_pipe);
  } else {
    log::warn("{}: {}", by_, lost->message);
    finish(errc::jump_host_lost);
  }
  wake(reader_);
  wake(writer_);
}

}  // namespace tunnel::path
