#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "support/descriptor.hpp"
#include "support/socks_client.hpp"
#include "support/tcp.hpp"

namespace tunnel::integration {

/// A UDP socket on a loopback address, at a port of the system's choice, with room for many datagrams.
class udp_socket {
 public:
  explicit udp_socket(const std::string& address = "127.0.0.1");

  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// False when the system does not take it.
  bool send_to(const target& where, std::string_view data) const;

  struct datagram {
    target from;
    std::string data;
  };
  /// Nothing when none came within the limit.
  [[nodiscard]] std::optional<datagram> receive(milliseconds limit = patience) const;

 private:
  descriptor socket_;
  std::uint16_t port_ = 0;
};

/// Sends each datagram back to where it came from.
class udp_echo {
 public:
  explicit udp_echo(const std::string& address = "127.0.0.1");
  ~udp_echo();
  udp_echo(const udp_echo&) = delete;
  udp_echo& operator=(const udp_echo&) = delete;

  [[nodiscard]] std::uint16_t port() const { return socket_.port(); }
  [[nodiscard]] unsigned received() const { return received_; }

 private:
  void serve();

  udp_socket socket_;
  std::atomic<bool> over_ = false;
  std::atomic<unsigned> received_ = 0;
  std::thread thread_;
};

/// The header of RFC 1928 section 7.
std::string udp_header(const target& where, std::uint8_t fragment = 0);

/// A SOCKS client's UDP association, written apart from the project's own codec.
class udp_association {
 public:
  /// Asks the proxy at that loopback address for one. `announced`: the port that it says it sends from;
  /// nothing: it says that it does not know. Throws std::runtime_error unless it succeeds.
  explicit udp_association(std::uint16_t proxy_port, const std::string& proxy_address = "127.0.0.1",
                           bool announce = false);

  bool send(const target& where, std::string_view data) const;
  /// What is sent as it is.
  bool send_raw(std::string_view datagram) const { return socket_.send_to(relay_, datagram); }

  /// The next datagram from the association, without its header. Throws std::runtime_error when it is
  /// malformed.
  [[nodiscard]] std::optional<udp_socket::datagram> receive(milliseconds limit = patience) const;

  /// Sends it and says whether the same came back.
  [[nodiscard]] bool echoes(const target& where, std::string_view data, milliseconds limit = patience) const;

  /// BND.ADDR and BND.PORT.
  [[nodiscard]] const target& relay() const { return relay_; }
  tcp_stream& control() { return control_; }
  [[nodiscard]] const udp_socket& socket() const { return socket_; }

 private:
  udp_socket socket_;
  tcp_stream control_;
  target relay_;
};

/// The reply to a UDP ASSOCIATE. The client then leaves.
reply ask_for_association(std::uint16_t proxy_port);

}  // namespace tunnel::integration
