#pragma once

#include <memory>
#include <set>
#include <string_view>

#include "base/error.hpp"
#include "relay/client.hpp"

namespace tunnel::relay {

/// `[address:]port`, an IPv6 address in brackets, `localhost` for 127.0.0.1. Without an address: 127.0.0.1.
/// Port 0: the system picks one. Errors: errc::invalid_argument.
result<tcp::endpoint> parse_listen_address(std::string_view text);

/// A TCP port whose every connection is a client of the relay. Whoever reaches it is served: there is no
/// authentication. Thread: the executor's.
class server {
 public:
  /// `clients`: as many at a time; more wait in the kernel's queue. `shared` must outlive it.
  server(asio::any_io_executor executor, const policy& shared, std::size_t clients);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Errors: a sentence with the address.
  result<void> listen(const tcp::endpoint& address);

  /// Where it listens, with the port that the system picked.
  [[nodiscard]] std::string address() const;

  /// Ends everything at once.
  void close();

 private:
  void accept();
  void accept_later();
  void serve(tcp::socket socket);

  const policy& policy_;
  std::size_t limit_;
  resolver resolver_;
  std::unique_ptr<frame_room> room_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::set<std::shared_ptr<client>> clients_;
  bool accepting_ = false;
};

}  // namespace tunnel::relay
