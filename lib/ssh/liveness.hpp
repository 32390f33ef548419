#pragma once

#include <chrono>
#include <memory>

#include "aio/asio.hpp"
#include "ssh/connection.hpp"

namespace tunnel::ssh {

/// How long a server may be silent once it was asked because the network had changed or the machine had
/// slept.
struct urgent_patience {
  /// While this machine's end of the connection is in place. TCP repeats what a link swallowed at growing
  /// intervals, and after an outage of some seconds takes as many more to do so.
  std::chrono::steady_clock::duration answer = std::chrono::seconds(20);
  /// When the connection's address has gone from this machine: it may come back, as it does with a lease that
  /// is renewed, or on the way to another access point.
  std::chrono::steady_clock::duration address = std::chrono::seconds(3);
};

/// Watches that the server at the far end still answers, as ssh's ServerAliveInterval and
/// ServerAliveCountMax say: after each interval without a word from it a probe is sent, and after
/// `count_max` of them in a row the connection fails.
///
/// Thread: the connection's, destruction included.
class liveness : public std::enable_shared_from_this<liveness> {
 public:
  /// `interval` zero: only check_now() ever asks.
  liveness(std::shared_ptr<connection> watched, std::chrono::steady_clock::duration interval,
           unsigned count_max, urgent_patience patience = {});

  /// Begins to watch. Once, after construction by make_shared.
  void start();

  /// Asks at once, and is patient for a shorter time: for when the network has changed or the machine has
  /// slept, so that a dead connection is replaced before its user notices. Each call begins anew, as the last
  /// change may be that which lets the server answer. While there is no way to the server at all, nothing
  /// could take the connection's place, and no verdict but the ordinary one ends it.
  void check_now();

 private:
  void rearm(std::chrono::steady_clock::time_point when);
  void expired();
  void look_after(std::chrono::steady_clock::duration pause);
  void look();

  std::shared_ptr<connection> watched_;
  std::chrono::steady_clock::duration interval_;
  unsigned count_max_;
  urgent_patience patience_;
  unsigned unanswered_ = 0;
  std::chrono::steady_clock::time_point asked_;
  std::chrono::steady_clock::time_point asked_urgently_;
  asio::steady_timer timer_;
  asio::steady_timer urgent_timer_;
};

}  // namespace tunnel::ssh
