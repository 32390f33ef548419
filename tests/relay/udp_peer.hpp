#pragma once

#include <sys/socket.h>

#include <optional>

#include "base/octets.hpp"
#include "socks/address.hpp"

namespace tunnel::relay::testing {

inline constexpr socks::ipv4 loopback4{127, 0, 0, 1};
inline constexpr socks::ipv6 loopback6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

/// A UDP socket on the loopback that a relay sends to.
class udp_peer {
 public:
  struct datagram {
    octets payload;
    sockaddr_storage from;
    socklen_t from_size;
    /// The port that it came from: the relay's.
    [[nodiscard]] std::uint16_t port() const;
  };

  /// Port 0: the system picks one. The host is for IPv4 alone.
  explicit udp_peer(int family = AF_INET, std::uint16_t port = 0, socks::ipv4 host = loopback4);
  udp_peer(const udp_peer&) = delete;
  udp_peer& operator=(const udp_peer&) = delete;
  ~udp_peer();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] socks::address address() const;

  /// Throws std::runtime_error when none comes in time.
  [[nodiscard]] datagram receive() const;
  /// What is there now.
  [[nodiscard]] std::optional<datagram> poll() const;
  void reply(const datagram& to, octet_view payload) const;
  /// Receives one and sends it back.
  datagram echo() const;

 private:
  int socket_;
  int family_;
  std::uint16_t port_ = 0;
};

}  // namespace tunnel::relay::testing
