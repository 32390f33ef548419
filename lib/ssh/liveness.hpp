#pragma once

#include <chrono>
#include <memory>

#include "aio/asio.hpp"
#include "ssh/connection.hpp"

namespace tunnel::ssh {

/// Watches that the server at the far end still answers, as ssh's ServerAliveInterval and
/// ServerAliveCountMax say: after each interval without a word from it a probe is sent, and after
/// `count_max` of them in a row the connection fails.
///
/// Thread: the connection's, destruction included.
class liveness : public std::enable_shared_from_this<liveness> {
 public:
  /// `interval` zero: only check_now() ever asks.
  liveness(std::shared_ptr<connection> watched, std::chrono::steady_clock::duration interval,
           unsigned count_max);

  /// Begins to watch. Once, after construction by make_shared.
  void start();

  /// Asks at once, and gives the server only a few seconds: for when the network has changed or the machine
  /// has slept, so that a dead connection is replaced before its user notices.
  void check_now();

 private:
  void rearm(std::chrono::steady_clock::time_point when);
  void expired();

  std::shared_ptr<connection> watched_;
  std::chrono::steady_clock::duration interval_;
  unsigned count_max_;
  unsigned unanswered_ = 0;
  bool urgent_ = false;
  std::chrono::steady_clock::time_point asked_;
  asio::steady_timer timer_;
};

}  // namespace tunnel::ssh
