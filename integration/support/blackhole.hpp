#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/tcp.hpp"

namespace tunnel::integration {

/// A port of 127.0.0.1, or of another loopback address, where connecting neither succeeds nor fails: it
/// listens, and its backlog is full, so the kernel drops every further SYN. The constructor checks that it
/// does.
class blackhole {
 public:
  explicit blackhole(const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

 private:
  tcp_listener listener_;
  std::vector<tcp_stream> fill_;
};

}  // namespace tunnel::integration
