#pragma once

#include <memory>
#include <optional>

#include "aio/asio.hpp"
#include "ssh/remote_listener.hpp"
#include "support/fake_channel.hpp"

namespace tunnel::support {

/// The server's end of a remote listener that exists in memory only, in a test's hands. It outlives the
/// listener.
///
/// Thread: the listener's.
class listener_peer : public std::enable_shared_from_this<listener_peer> {
 public:
  explicit listener_peer(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// The client's end, which listens at `at`. Once.
  std::unique_ptr<ssh::remote_listener> open(ssh::endpoint at);

  [[nodiscard]] bool attached() const { return handler_ != nullptr; }
  [[nodiscard]] bool destroyed() const { return destroyed_; }

  /// Somebody connects, once there is a handler. The server's end of their channel: whoever is sent away has
  /// it destroyed.
  std::shared_ptr<channel_peer> connect(std::optional<ssh::endpoint> originator);
  /// The connection's end.
  void lose(const error& why);

 private:
  class client_end;

  asio::any_io_executor executor_;
  ssh::remote_listener_handler* handler_ = nullptr;
  bool destroyed_ = false;
};

}  // namespace tunnel::support
