#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "flow.hpp"
#include "sockets.hpp"

namespace tunnel::bench {

/// Flows at work together in the calling thread, until a deadline that makes the run a failure.
class load {
 public:
  explicit load(clock::time_point deadline) : deadline_(deadline) {}

  /// Starts a flow, which lives as long as the load.
  template <class Flow, class... Arguments>
  Flow& start(Arguments&&... arguments) {
    auto made = std::make_unique<Flow>(std::forward<Arguments>(arguments)...);
    Flow& started = *made;
    add(std::move(made));
    return started;
  }

  /// Runs all flows until `enough` says so, which is asked after every round of events. Throws
  /// run_failure when a flow does, or at the deadline with `what` was awaited.
  void run_until(const std::function<bool()>& enough, const char* what);

  /// Runs all flows until that time.
  void run_until(clock::time_point until);

  /// How many flows are complete.
  [[nodiscard]] std::size_t completed() const { return completed_; }

  /// Tells epoll what a flow wants after its owner has changed that: resume(), finish() or close().
  void update(flow& changed);

 private:
  struct watched {
    std::unique_ptr<flow> what;
    int number;
    std::uint32_t wanted;
  };

  void add(std::unique_ptr<flow> started);
  void run_once(clock::time_point until);
  void update(watched& changed);

  clock::time_point deadline_;
  poller poller_;
  std::vector<watched> flows_;
  // Indexes into flows_, by the descriptor's number.
  std::vector<std::size_t> by_number_;
  std::size_t completed_ = 0;
};

}  // namespace tunnel::bench
