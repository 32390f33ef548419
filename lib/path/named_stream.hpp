#pragma once

#include <memory>
#include <string>
#include <utility>

#include "aio/byte_stream.hpp"

namespace tunnel::path {

/// A stream whose far end is another than that which it was dialled to: behind a proxy. It hides the proxy's
/// address, which is not the server's.
class named_stream final : public aio::byte_stream {
 public:
  named_stream(std::unique_ptr<aio::byte_stream> carrier, std::string peer)
      : carrier_(std::move(carrier)), peer_(std::move(peer)) {}

  asio::any_io_executor get_executor() override { return carrier_->get_executor(); }
  io_result read_some(octet_span data) override { return carrier_->read_some(data); }
  io_result write_some(octet_view data) override { return carrier_->write_some(data); }
  void async_wait(aio::direction way, wait_handler handler) override {
    carrier_->async_wait(way, std::move(handler));
  }
  void close() noexcept override { carrier_->close(); }
  [[nodiscard]] std::string peer() const override { return peer_; }
  [[nodiscard]] aio::local_end look_at_local_end() const override { return carrier_->look_at_local_end(); }

 private:
  std::unique_ptr<aio::byte_stream> carrier_;
  std::string peer_;
};

}  // namespace tunnel::path
