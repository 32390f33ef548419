#include "support/event_loop.hpp"

#include <future>

namespace tunnel::support {

namespace {

constexpr auto look_interval = std::chrono::milliseconds(2);

}  // namespace

bool run_until(asio::io_context& context, const std::function<bool()>& reached) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const auto guard = asio::make_work_guard(context);
  context.restart();
  while (!reached()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    context.run_one_for(look_interval);
  }
  return true;
}

void run_ready(asio::io_context& context) {
  context.restart();
  context.poll();
}

void call_on(const asio::any_io_executor& executor, std::function<void()> action) {
  const auto said = std::make_shared<std::promise<void>>();
  auto done = said->get_future();
  asio::post(executor, [said, action = std::move(action)] {
    action();
    said->set_value();
  });
  if (done.wait_for(patience) != std::future_status::ready)
    throw std::runtime_error("a thread did not answer in time");
}

awaitable<bool> ended(awaitable<void> work) {
  co_await std::move(work);
  co_return true;
}

}  // namespace tunnel::support
