#pragma once

#include <chrono>
#include <optional>
#include <variant>

#include "aio/asio.hpp"

namespace tunnel::aio {

/// Awaits `work`, but not beyond `limit` from now: then `work` is cancelled through its cancellation
/// slot, awaited, and the answer is empty. A value that arrives in the same instant is kept.
template <class T>
awaitable<std::optional<T>> within(std::chrono::steady_clock::duration limit, awaitable<T> work) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(co_await asio::this_coro::executor, limit);
  auto expiry = timer.async_wait(as_tuple);
  auto outcome = co_await (std::move(work) || std::move(expiry));
  if (outcome.index() == 0) co_return std::optional<T>(std::move(std::get<0>(outcome)));
  co_return std::nullopt;
}

}  // namespace tunnel::aio
