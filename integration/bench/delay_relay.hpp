#pragma once

#include <chrono>
#include <cstdint>
#include <thread>

#include "sockets.hpp"

namespace tunnel::bench {

/// What a path does to the octets that take it, the same in both directions.
struct path_shape {
  /// How long an octet is under way.
  std::chrono::microseconds one_way{0};
  /// How many octets fit through per second, over all connections together; 0 for as many as come.
  std::uint64_t octets_per_second = 0;

  [[nodiscard]] bool is_direct() const { return one_way.count() == 0 && octets_per_second == 0; }
};

/// A TCP relay on loopback that stands in for a long or narrow path.
///
/// Octets leave in order, `one_way` after they came, to within about 0.2 ms. A connection also pays for
/// the TCP handshake that a real path would have. A direction holds up to 64 MiB under way, and a narrow
/// path lets 10 ms of octets wait for it (a router's queue): beyond these, it stops reading. It imitates
/// neither loss nor TCP's slow start. One thread of its own; connections are cut off when it is destroyed.
class delay_relay {
 public:
  delay_relay(std::uint16_t target, path_shape shape);
  ~delay_relay();
  delay_relay(const delay_relay&) = delete;
  delay_relay& operator=(const delay_relay&) = delete;

  [[nodiscard]] std::uint16_t port() const { return listener_.port; }

 private:
  void serve();

  std::uint16_t target_;
  path_shape shape_;
  listener listener_;
  poller poller_;
  std::thread thread_;
};

}  // namespace tunnel::bench
