#pragma once

#include <memory>
#include <string>

#include "aio/byte_stream.hpp"
#include "ssh/channel.hpp"
#include "ssh/connection.hpp"

namespace tunnel::path {

/// A byte stream through an SSH connection to a jump host: a channel of it, and the connection itself, which
/// has no other use and ends with the stream.
///
/// Memory: at most twice ssh::channel::max_delivery of what has come and was not read yet; beyond that the
/// channel's window closes.
class channel_stream final : public aio::byte_stream, private ssh::channel_handler {
 public:
  /// `by`: the jump host, as messages call it. `peer`: the far end, for the same.
  channel_stream(std::shared_ptr<ssh::connection> connection, std::unique_ptr<ssh::channel> channel,
                 std::string by, std::string peer);
  ~channel_stream() override;

  asio::any_io_executor get_executor() override { return executor_; }
  /// Errors: errc::jump_host_lost; the reason is in the log.
  io_result read_some(octet_span data) override;
  io_result write_some(octet_view data) override;
  void async_wait(aio::direction way, wait_handler handler) override;
  void close() noexcept override;
  [[nodiscard]] std::string peer() const override { return peer_; }
  /// That of the connection to the jump host.
  [[nodiscard]] aio::local_end look_at_local_end() const override {
    return connection_ ? connection_->look_at_local_end() : aio::local_end::in_place;
  }

 private:
  bool on_data(std::span<const octet_view> pieces) override;
  void on_eof() override;
  void on_writable() override;
  void on_closed(const error* lost) override;

  [[nodiscard]] octet_view unread() const { return octet_view(inbound_).subspan(consumed_); }
  void finish(boost::system::error_code why);
  void wake(wait_handler& waiting, boost::system::error_code why = {});

  asio::any_io_executor executor_;
  std::string by_;
  std::string peer_;
  std::shared_ptr<ssh::connection> connection_;
  std::unique_ptr<ssh::channel> channel_;
  octets inbound_;
  std::size_t consumed_ = 0;
  // The channel was told to wait until what has come is read.
  bool paused_ = false;
  // prepare() gave nothing.
  bool full_ = false;
  bool eof_ = false;
  // Set once there is no channel any more.
  boost::system::error_code ended_;
  wait_handler reader_;
  wait_handler writer_;
};

}  // namespace tunnel::path
