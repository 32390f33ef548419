#pragma once

#include <chrono>
#include <functional>

#include "aio/asio.hpp"

namespace tunnel::aio {

/// Tells when the machine's network may have changed under long-lived connections: an address or a
/// default route came or went (rtnetlink), or the machine slept (CLOCK_BOOTTIME ran ahead of
/// CLOCK_MONOTONIC). Bursts are told once.
///
/// Thread: the executor's. The handler is called on it, and no more once this object is destroyed.
class network_monitor {
 public:
  using handler = std::function<void(const char* what)>;

  /// Without rtnetlink (some containers) only sleep is noticed.
  network_monitor(asio::any_io_executor executor, handler changed);

 private:
  void watch_netlink();
  void watch_clock();
  void settle();

  handler changed_;
  asio::posix::stream_descriptor netlink_;
  asio::steady_timer clock_timer_;
  asio::steady_timer settle_timer_;
  std::chrono::nanoseconds asleep_;
};

}  // namespace tunnel::aio
