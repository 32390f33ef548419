#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "aio/asio.hpp"
#include "dns/message_splitter.hpp"
#include "pool/pool.hpp"
#include "ssh/channel.hpp"

namespace tunnel::dns {

/// DNS messages on one channel (RFC 7766): the part that lives on the SSH connection's thread.
///
/// It keeps itself alive until the channel is over or stop() is called, and holds the lease meanwhile.
/// Thread: the lease's executor.
class stream final : public ssh::channel_handler, public std::enable_shared_from_this<stream> {
 public:
  struct events {
    /// Messages in the order in which they came. No more come until resume().
    std::function<void(std::vector<octets>)> messages;
    /// The channel is over; told once, unless stopped.
    std::function<void()> over;
  };

  stream(pool::lease held, std::unique_ptr<ssh::channel> channel, events told);

  /// Begins. Once, on an object made by make_shared.
  void start();
  /// Sends octets of messages with their lengths.
  void send(octets framed);
  /// Those that were told have been dealt with.
  void resume();
  /// Closes the channel.
  void stop();

 private:
  bool on_data(std::span<const octet_view> pieces) override;
  void on_eof() override;
  void on_writable() override { flush(); }
  void on_closed(const error* lost) override;

  void flush();
  void end();

  // It is given back after the channel.
  pool::lease held_;
  std::unique_ptr<ssh::channel> channel_;
  events told_;
  // Its wait is what keeps this alive, and goes with the executor.
  asio::steady_timer ended_;
  message_splitter splitter_;
  octets unsent_;
  std::size_t sent_ = 0;
};

}  // namespace tunnel::dns
