#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "aio/asio.hpp"
#include "proxy/expected_peer.hpp"
#include "ssh/remote_listener.hpp"

namespace tunnel::proxy {

/// The one who was let in.
struct visitor {
  std::unique_ptr<ssh::channel> opened;
  /// Nothing where the engine cannot tell.
  std::optional<ssh::endpoint> who;
};

/// A remote listener that lets one peer in: turns others away and goes on listening, and ends the listening
/// with the one that it lets in.
///
/// Where the engine cannot tell who connects, the first who does passes for the one that was named.
/// Thread: the listener's. Destroying it ends the listening.
class door final : private ssh::remote_listener_handler {
 public:
  /// `name` is whose it is, for the log.
  door(std::unique_ptr<ssh::remote_listener> at, expected_peer wanted, std::string name);

  /// Errors: ssh::errc::open_timeout when nobody was let in within `limit`; the connection's when it was
  /// lost. Cancellation: ends the wait. Call once.
  awaitable<result<visitor>> wait(std::chrono::steady_clock::duration limit);

 private:
  void on_connection(std::unique_ptr<ssh::channel> opened, std::optional<ssh::endpoint> originator) override;
  void on_closed(const error& lost) override;
  void settle(result<visitor> outcome);

  std::unique_ptr<ssh::remote_listener> listener_;
  expected_peer wanted_;
  std::string name_;
  // Its expiry is the deadline; it is cancelled when there is an outcome.
  std::optional<asio::steady_timer> settled_;
  std::optional<result<visitor>> outcome_;
  std::size_t turned_away_ = 0;
};

}  // namespace tunnel::proxy
