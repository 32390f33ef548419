#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "aio/asio.hpp"

namespace tunnel::ssh {

/// The answer to a request, for the one coroutine that waits for it. Shared between that coroutine, which may
/// give it up, and whoever takes the answer from the server.
///
/// Thread: the executor's.
template <class T>
class pending_answer {
 public:
  /// Waiting ends `limit` from now.
  pending_answer(const asio::any_io_executor& executor, std::chrono::steady_clock::duration limit)
      : done_(executor, limit) {}

  /// Nothing: the limit has passed, or the waiting was cancelled. It is given up in both cases.
  awaitable<std::optional<T>> wait() {
    if (!outcome_) co_await done_.async_wait(as_tuple);
    given_up_ = !outcome_;
    co_return std::move(outcome_);
  }

  [[nodiscard]] bool given_up() const { return given_up_; }

  void settle(T outcome) {
    outcome_.emplace(std::move(outcome));
    done_.cancel();
  }

 private:
  asio::steady_timer done_;
  std::optional<T> outcome_;
  bool given_up_ = false;
};

}  // namespace tunnel::ssh
