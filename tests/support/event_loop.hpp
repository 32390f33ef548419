#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "aio/asio.hpp"

/// Driving an io_context from a test's own thread, and waiting for events with a bound.
namespace tunnel::support {

/// How long a test waits for anything before it fails: far longer than anything here takes.
inline constexpr auto patience = std::chrono::seconds(20);

/// Runs the context until `reached` is true. False: that did not happen in time. The condition is looked at
/// after each handler, and every few milliseconds for what comes from elsewhere: a socket's other end in the
/// test's own hands, or another thread.
[[nodiscard]] bool run_until(asio::io_context& context, const std::function<bool()>& reached);

/// Runs what is ready now.
void run_ready(asio::io_context& context);

/// Calls `action` on the executor's thread, which must not be the caller's, and waits for it. Throws when
/// that takes too long.
void call_on(const asio::any_io_executor& executor, std::function<void()> action);

/// A coroutine that was started on a context, and what became of it.
template <class T>
class started {
 public:
  started(asio::io_context& context, awaitable<T> work) : context_(context) {
    auto task = keep(std::move(work), state_);
    asio::co_spawn(context, std::move(task),
                   asio::bind_cancellation_slot(state_->cancellation.slot(),
                                                [state = state_](std::exception_ptr thrown) {
                                                  state->thrown = thrown;
                                                  state->done = true;
                                                }));
  }

  [[nodiscard]] bool done() const { return state_->done; }

  /// Cancels it from within the context, behind what is ready there now: Asio's own hand-over of a
  /// cancellation from elsewhere does not survive the coroutine's end in the meantime.
  void cancel() {
    asio::post(context_, [state = state_] {
      if (!state->done) state->cancellation.emit(asio::cancellation_type::terminal);
    });
  }

  /// Runs the context until the coroutine has ended, and gives its value. Throws what it threw, and when it
  /// does not end in time.
  T& wait() {
    if (!run_until(context_, [this] { return done(); }))
      throw std::runtime_error("a coroutine did not end in time");
    if (state_->thrown) std::rethrow_exception(state_->thrown);
    return *state_->value;
  }

 private:
  struct state {
    asio::cancellation_signal cancellation;
    std::optional<T> value;
    std::exception_ptr thrown;
    bool done = false;
  };

  static awaitable<void> keep(awaitable<T> work, std::shared_ptr<state> into) {
    into->value.emplace(co_await std::move(work));
  }

  asio::io_context& context_;
  std::shared_ptr<state> state_ = std::make_shared<state>();
};

template <class T>
started(asio::io_context&, awaitable<T>) -> started<T>;

/// A coroutine without a value as one that says that it ended.
awaitable<bool> ended(awaitable<void> work);

}  // namespace tunnel::support
