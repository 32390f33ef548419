#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "aio/asio.hpp"

namespace tunnel::aio {

/// A caller that waits for what another thread does for it. The lock is held only to see whether it still
/// waits: until it has closed this, its frame and its executor exist.
template <class T>
struct caller {
  std::mutex guard;
  bool gone = false;
  asio::any_io_executor executor;
  // Of the caller's frame, and used on its thread alone.
  asio::steady_timer* arrived = nullptr;
  std::optional<T>* into = nullptr;
};

/// Closes it when the frame goes, however that goes.
template <class T>
class caller_guard {
 public:
  explicit caller_guard(std::shared_ptr<caller<T>> held) : held_(std::move(held)) {}
  caller_guard(const caller_guard&) = delete;
  caller_guard& operator=(const caller_guard&) = delete;
  ~caller_guard() {
    const std::lock_guard lock(held_->guard);
    held_->gone = true;
  }

 private:
  std::shared_ptr<caller<T>> held_;
};

/// Brings `value` to the caller's thread, unless the caller has gone.
template <class T>
void deliver(const std::shared_ptr<caller<T>>& to, T value) {
  const std::lock_guard lock(to->guard);
  if (to->gone) return;
  auto arrive = [to, value = std::make_shared<T>(std::move(value))] {
    if (to->gone) return;
    to->into->emplace(std::move(*value));
    to->arrived->cancel();
  };
  asio::post(to->executor, std::move(arrive));
}

/// Runs `work` on `home`, another thread's executor, and completes on the caller's with what it gave.
///
/// The caller may be cancelled, or its frame and then its executor destroyed, while it waits: `work` goes on
/// to its own end, so it must have one, and what it captures must live as long. Nothing when it was
/// cancelled.
template <class T>
awaitable<std::optional<T>> call_at(asio::any_io_executor home, std::function<awaitable<T>()> work) {
  const auto here = co_await asio::this_coro::executor;
  asio::steady_timer arrived(here, asio::steady_timer::time_point::max());
  std::optional<T> value;
  const auto self = std::make_shared<caller<T>>();
  self->executor = here;
  self->arrived = &arrived;
  self->into = &value;
  const caller_guard<T> guard(self);
  auto begin = [home, self, work = std::move(work)] {
    asio::co_spawn(home, work(), [self, work](std::exception_ptr failure, T result) {
      // Only a bug or exhausted memory throws through a coroutine of this project.
      if (failure) std::rethrow_exception(failure);
      deliver(self, std::move(result));
    });
  };
  asio::post(home, std::move(begin));
  co_await arrived.async_wait(as_tuple);
  co_return std::move(value);
}

}  // namespace tunnel::aio
