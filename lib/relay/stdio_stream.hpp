#pragma once

#include "aio/byte_stream.hpp"
#include "base/error.hpp"

namespace tunnel::relay {

/// Two descriptors as one stream: what is read comes from the one, what is written goes to the other. Pipes,
/// sockets and terminals, as standard input and output are when a command is run over SSH. Owns both and
/// makes them non-blocking.
class stdio_stream final : public aio::byte_stream {
 public:
  stdio_stream(asio::any_io_executor executor, int input, int output);

  asio::any_io_executor get_executor() override { return input_.get_executor(); }
  io_result read_some(octet_span data) override;
  io_result write_some(octet_view data) override;
  void async_wait(aio::direction way, wait_handler handler) override;
  void close() noexcept override;
  [[nodiscard]] std::string peer() const override { return "the client"; }

 private:
  asio::posix::stream_descriptor input_;
  asio::posix::stream_descriptor output_;
};

}  // namespace tunnel::relay
