#pragma once

#include <chrono>
#include <cstdint>
#include <thread>

#include "sockets.hpp"

namespace tunnel::bench {

/// Sends each datagram back to where it came from, `delay` after it came, to within about 0.2 ms. On
/// loopback, in one thread of its own.
class datagram_echo {
 public:
  explicit datagram_echo(std::chrono::microseconds delay);
  ~datagram_echo();
  datagram_echo(const datagram_echo&) = delete;
  datagram_echo& operator=(const datagram_echo&) = delete;

  [[nodiscard]] std::uint16_t port() const { return socket_.port; }

 private:
  void serve();

  std::chrono::microseconds delay_;
  listener socket_;
  poller poller_;
  std::thread thread_;
};

}  // namespace tunnel::bench
