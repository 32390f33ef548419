#pragma once

#include "aio/byte_stream.hpp"

namespace tunnel::aio {

/// A byte_stream over a connected TCP socket, which it owns, makes non-blocking and sets to TCP_NODELAY.
class tcp_stream final : public byte_stream {
 public:
  explicit tcp_stream(tcp::socket socket);

  asio::any_io_executor get_executor() override { return socket_.get_executor(); }
  io_result read_some(octet_span data) override;
  io_result write_some(octet_view data) override;
  void async_wait(direction way, wait_handler handler) override;
  void close() noexcept override;
  [[nodiscard]] std::string peer() const override { return peer_; }
  [[nodiscard]] std::optional<asio::ip::address> remote_address() const override { return remote_.address(); }
  [[nodiscard]] local_end look_at_local_end() const override {
    return aio::look_at_local_end(local_, remote_);
  }

 private:
  void acknowledge();

  tcp::socket socket_;
  tcp::endpoint local_;
  tcp::endpoint remote_;
  std::string peer_;
};

}  // namespace tunnel::aio
