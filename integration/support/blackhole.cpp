#include "support/blackhole.hpp"

#include <stdexcept>

namespace tunnel::integration {

blackhole::blackhole(const std::string& address, std::uint16_t port) : listener_(address, port, 0) {
  // A backlog of 0 holds one connection; kernels have differed by one.
  static constexpr int most = 16;
  // On loopback a SYN is answered at once or not at all.
  static constexpr milliseconds answered_within{300};
  for (int i = 0; i < most; ++i) {
    try {
      fill_.push_back(tcp_stream::connect(address, listener_.port(), answered_within));
    } catch (const timed_out&) {
      return;
    }
  }
  throw std::runtime_error("a listener with a full backlog still accepts connections");
}

}  // namespace tunnel::integration
