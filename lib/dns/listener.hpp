#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "dns/exchange.hpp"

namespace tunnel::dns {

/// A DNS port on this machine, by UDP and TCP, whose queries are answered through the tunnel: for programs
/// that cannot speak SOCKS.
///
/// Queries are passed on as they are and answers come back as they are, but for one that is too long for the
/// client's UDP, which is cut (TC). A query that cannot be answered gets SERVFAIL; zone transfers and what is
/// no plain query are refused.
///
/// Thread: that of the exchanger. Made by make_shared; it lives until close() has let its coroutines end.
class listener : public std::enable_shared_from_this<listener> {
 public:
  /// Queries under way at once, by UDP and TCP together; more get SERVFAIL.
  static constexpr std::size_t max_queries = 512;
  /// Clients connected by TCP at once, and queries under way for one of them before it is read on.
  static constexpr std::size_t max_connections = 64;
  static constexpr std::size_t max_pipelined = 32;
  /// A TCP client without a query is let go after this long (RFC 7766 section 6.2.3).
  static constexpr auto idle_limit = std::chrono::seconds(10);

  explicit listener(std::shared_ptr<exchanger> by);
  ~listener();

  /// Binds both protocols: `address` as ssh's -D has it, nothing and "localhost" being the loopback of both
  /// families, or with `gateway` (-g) nothing being every address; port 0 picks one. Addresses beyond
  /// loopback need `gateway`. Errors: a sentence with address and port.
  result<void> bind(const std::optional<std::string>& address, std::uint16_t port, bool gateway);

  /// Begins to answer.
  void start();
  /// Stops at once and gives the port back.
  void close();

  /// "127.0.0.1:53", "[::1]:53".
  [[nodiscard]] std::vector<std::string> addresses() const;

 private:
  struct place;
  struct connection;

  result<void> bind_one(const asio::ip::address& address, std::uint16_t port, bool gateway);
  result<void> bind_pair(place& into, const asio::ip::address& address, std::uint16_t port);

  static awaitable<void> serve_udp(std::shared_ptr<listener> self, std::size_t at);
  static awaitable<void> answer_udp(std::shared_ptr<listener> self, std::size_t at, octets query,
                                    asio::ip::udp::endpoint client);
  static awaitable<void> accept_tcp(std::shared_ptr<listener> self, std::size_t at);
  static awaitable<void> serve_tcp(std::shared_ptr<listener> self, std::shared_ptr<connection> client);
  static awaitable<void> answer_tcp(std::shared_ptr<listener> self, std::shared_ptr<connection> client,
                                    octets query);
  awaitable<std::optional<octets>> answer(octets query);
  void send(std::size_t at, octet_view message, const asio::ip::udp::endpoint& client);

  std::shared_ptr<exchanger> exchanger_;
  std::vector<std::unique_ptr<place>> places_;
  std::vector<std::weak_ptr<connection>> connections_;
  std::size_t queries_ = 0;
  bool closed_ = false;
};

}  // namespace tunnel::dns
