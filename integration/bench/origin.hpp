#pragma once

#include <cstdint>
#include <thread>

#include "sockets.hpp"

namespace tunnel::bench {

/// A server on loopback that does what protocol.hpp says, for any number of flows, in one thread of
/// its own. It lives until destroyed; its flows are cut off then.
class origin {
 public:
  origin();
  ~origin();
  origin(const origin&) = delete;
  origin& operator=(const origin&) = delete;

  [[nodiscard]] std::uint16_t port() const { return listener_.port; }

 private:
  void serve();

  listener listener_;
  poller poller_;
  std::thread thread_;
};

}  // namespace tunnel::bench
