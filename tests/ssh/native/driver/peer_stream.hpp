#pragma once

#include <functional>
#include <memory>
#include <string>

#include "aio/byte_stream.hpp"
#include "peer.hpp"

namespace tunnel::ssh::native::support {

/// The other end of a peer_stream, in the test's hands.
struct peer_line {
  peer server;
  /// What a read or a write of the stream begins with: to throw.
  std::function<void()> fault;
  aio::byte_stream::wait_handler reader;
  bool closed = false;

  /// Lets the reader know of what the server has said: its handler is behind what is ready now.
  void wake(const asio::any_io_executor& executor);
};

/// A stream whose far end is a peer in the same thread, without sockets. Takes whatever is written.
class peer_stream final : public aio::byte_stream {
 public:
  peer_stream(asio::any_io_executor executor, std::shared_ptr<peer_line> far)
      : executor_(std::move(executor)), far_(std::move(far)) {}
  ~peer_stream() override { close(); }

  asio::any_io_executor get_executor() override { return executor_; }
  io_result read_some(octet_span data) override;
  io_result write_some(octet_view data) override;
  void async_wait(aio::direction way, wait_handler handler) override;
  void close() noexcept override;
  [[nodiscard]] std::string peer() const override { return "the peer"; }

 private:
  asio::any_io_executor executor_;
  std::shared_ptr<peer_line> far_;
};

}  // namespace tunnel::ssh::native::support
