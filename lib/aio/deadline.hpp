#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <utility>
#include <variant>

#include "aio/asio.hpp"

namespace tunnel::aio {

/// What became of work that was awaited: its value, or what it threw.
template <class T>
struct finished {
  std::optional<T> value;
  std::exception_ptr thrown;
};

/// Keeps what `work` throws: `||` below would go on to wait for the other side.
template <class T>
awaitable<finished<T>> caught(awaitable<T> work) {
  finished<T> outcome;
  try {
    outcome.value.emplace(co_await std::move(work));
  } catch (...) {
    outcome.thrown = std::current_exception();
  }
  co_return outcome;
}

/// Awaits `work`, but not beyond `limit` from now: then `work` is cancelled through its cancellation
/// slot, awaited, and the answer is empty. A value that arrives in the same instant is kept. What `work`
/// throws is thrown on.
template <class T>
awaitable<std::optional<T>> within(std::chrono::steady_clock::duration limit, awaitable<T> work) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(co_await asio::this_coro::executor, limit);
  auto expiry = timer.async_wait(as_tuple);
  auto watched = caught(std::move(work));
  auto outcome = co_await (std::move(watched) || std::move(expiry));
  if (outcome.index() != 0) co_return std::nullopt;
  auto& done = std::get<0>(outcome);
  if (done.thrown) std::rethrow_exception(done.thrown);
  co_return std::move(done.value);
}

}  // namespace tunnel::aio
