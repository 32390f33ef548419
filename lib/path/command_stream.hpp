#pragma once

#include <memory>
#include <string>

#include "aio/byte_stream.hpp"
#include "path/child_process.hpp"

namespace tunnel::path {

/// A byte stream through a command: what it reads and prints. The command ends with the stream.
///
/// What it says on standard error goes to the log, line by line, from now until it has ended.
class command_stream final : public aio::byte_stream {
 public:
  /// `peer`: what messages call the far end.
  command_stream(std::unique_ptr<child_process> child, std::string peer);
  ~command_stream() override;

  asio::any_io_executor get_executor() override { return executor_; }
  io_result read_some(octet_span data) override;
  io_result write_some(octet_view data) override;
  void async_wait(aio::direction way, wait_handler handler) override;
  void close() noexcept override;
  [[nodiscard]] std::string peer() const override { return peer_; }

 private:
  class attendant;

  asio::any_io_executor executor_;
  std::string peer_;
  std::shared_ptr<attendant> command_;
};

}  // namespace tunnel::path
