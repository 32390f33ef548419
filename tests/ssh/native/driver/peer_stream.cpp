#include "peer_stream.hpp"

#include <algorithm>
#include <utility>

namespace tunnel::ssh::native::support {

void peer_line::wake(const asio::any_io_executor& executor) {
  if (!reader || server.pending().empty()) return;
  asio::post(executor, [handler = std::exchange(reader, nullptr)] { handler({}); });
}

peer_stream::io_result peer_stream::read_some(octet_span data) {
  if (far_->fault) far_->fault();
  const auto said = far_->server.pending();
  if (said.empty()) return boost::system::error_code(asio::error::would_block);
  const auto count = std::min(said.size(), data.size());
  std::copy_n(said.begin(), count, data.begin());
  far_->server.sent(count);
  return count;
}

peer_stream::io_result peer_stream::write_some(octet_view data) {
  if (far_->fault) far_->fault();
  far_->server.receive(data);
  far_->wake(executor_);
  return data.size();
}

void peer_stream::async_wait(aio::direction way, wait_handler handler) {
  if (way == aio::direction::write) {
    asio::post(executor_, [handler = std::move(handler)] { handler({}); });
    return;
  }
  far_->reader = std::move(handler);
  far_->wake(executor_);
}

void peer_stream::close() noexcept {
  far_->closed = true;
  if (!far_->reader) return;
  asio::post(executor_,
             [handler = std::exchange(far_->reader, nullptr)] { handler(asio::error::operation_aborted); });
}

}  // namespace tunnel::ssh::native::support
