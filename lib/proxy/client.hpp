#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "aio/asio.hpp"
#include "base/octets.hpp"

namespace tunnel::proxy {

/// A client's socket, counted from acceptance to its end on whichever thread that comes.
class client {
 public:
  using counter = std::shared_ptr<std::atomic<std::size_t>>;

  /// Takes an accepted socket and makes it non-blocking, with TCP_NODELAY.
  client(tcp::socket socket, counter count);
  client(client&&) noexcept = default;
  client& operator=(client&&) = delete;
  ~client();

  tcp::socket& socket() { return socket_; }
  /// "127.0.0.1:54321".
  [[nodiscard]] std::string name() const;
  [[nodiscard]] const tcp::endpoint& address() const { return address_; }

  /// The same client on another executor. No operation may be pending.
  [[nodiscard]] client moved_to(const asio::any_io_executor& executor) &&;

 private:
  client(tcp::socket socket, client&& from);

  tcp::socket socket_;
  tcp::endpoint address_;
  counter count_;
};

/// Completes when the client has gone: reset, or closed without a word for the target.
///
/// A client that has sent something for the target ahead (`has_sent`, or unread in its socket) may have
/// closed its sending side and still want the answer, so only a reset counts then.
awaitable<void> client_left(tcp::socket& socket, bool has_sent);

/// Sends `last` and closes such that the client gets to read it: what it still sends is taken and thrown
/// away for a moment, since closing over unread octets would reset the connection.
awaitable<void> send_and_close(tcp::socket& socket, octets last);

}  // namespace tunnel::proxy
