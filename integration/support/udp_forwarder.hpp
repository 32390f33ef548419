#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "support/udp.hpp"

namespace tunnel::integration {

/// A local UDP port whose datagrams go to one target through a SOCKS proxy, for programs that cannot speak
/// SOCKS. It serves the one that spoke last.
class udp_forwarder {
 public:
  udp_forwarder(std::uint16_t proxy_port, target where);
  ~udp_forwarder();
  udp_forwarder(const udp_forwarder&) = delete;
  udp_forwarder& operator=(const udp_forwarder&) = delete;

  [[nodiscard]] std::uint16_t port() const { return local_.port(); }

 private:
  void pass_up();
  void pass_down();

  target where_;
  udp_association association_;
  udp_socket local_;
  std::atomic<std::uint16_t> client_port_ = 0;
  std::atomic<bool> over_ = false;
  std::thread up_;
  std::thread down_;
};

}  // namespace tunnel::integration
