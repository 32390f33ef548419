#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "proxy/client.hpp"
#include "proxy/half_open.hpp"

namespace tunnel::proxy {

/// Where to listen: one -D.
struct listen_spec {
  /// Nothing: loopback, or every interface with -g. "*" or empty: every interface.
  std::optional<std::string> bind_address;
  std::uint16_t port = 0;
};

/// How many client sockets there may be: beyond it, clients without a request give way to new ones, and
/// when there are none, new ones wait in the kernel's queue.
struct admission {
  client::counter clients = std::make_shared<std::atomic<std::size_t>>(0);
  std::size_t limit = 0;
};

/// Bound sockets that hand each accepted client to a handler.
///
/// Thread: the executor's. Two steps, because a port that is taken should be known before anybody is asked
/// for a password, but nobody should be let in before there is a connection to let them into.
class listener {
 public:
  using accept_handler = std::function<void(client)>;

  listener(asio::any_io_executor executor, admission rules, half_open& waiting, accept_handler accepted);

  /// Binds every address that `spec` means; for a loopback or wildcard spec one address family is enough.
  /// `gateway` (-g): addresses beyond loopback may be listened on, and are when `spec` names none. There is
  /// no authentication, so without it they are refused. Errors: a sentence naming address and port.
  result<void> bind(const listen_spec& spec, bool gateway);

  /// Lets clients in. Errors: as bind(), for a port that was taken between the two.
  result<void> listen();

  /// Stops accepting at once and gives the ports back.
  void close();

  /// The addresses that are bound, "127.0.0.1:1080" or "[::1]:1080".
  [[nodiscard]] std::vector<std::string> addresses() const;

 private:
  result<void> bind_one(const tcp::endpoint& address, bool gateway);
  awaitable<void> accept_from(tcp::acceptor& acceptor);
  awaitable<void> make_room(const char* why);

  asio::any_io_executor executor_;
  admission rules_;
  half_open& waiting_;
  accept_handler accepted_;
  // A list in effect: acceptors are referred to by the coroutines that serve them.
  std::vector<std::unique_ptr<tcp::acceptor>> acceptors_;
  bool short_of_descriptors_ = false;
};

}  // namespace tunnel::proxy
