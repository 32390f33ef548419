#include "aio/deadline.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "support/event_loop.hpp"

namespace tunnel::aio {
namespace {

using std::chrono::milliseconds;

awaitable<int> at_once() {
  co_return 1;
}

// Ends when it is cancelled, and says so.
awaitable<int> never(bool& cancelled) {
  asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  auto [failure] = co_await timer.async_wait(as_tuple);
  cancelled = failure == asio::error::operation_aborted;
  co_return 2;
}

awaitable<int> after(milliseconds pause) {
  asio::steady_timer timer(co_await asio::this_coro::executor, pause);
  co_await timer.async_wait(as_tuple);
  co_return 3;
}

TEST(Within, GivesTheValueOfWhatIsDoneAtOnce) {
  asio::io_context context;
  support::started running(context, within(std::chrono::hours(1), at_once()));
  EXPECT_EQ(running.wait(), 1);
}

TEST(Within, GivesTheValueOfWhatIsDoneInTime) {
  asio::io_context context;
  support::started running(context, within(std::chrono::hours(1), after(milliseconds(2))));
  EXPECT_EQ(running.wait(), 3);
  context.restart();
  EXPECT_EQ(context.poll(), 0U) << "no timer is left";
}

TEST(Within, CancelsAndAwaitsWhatTakesTooLong) {
  asio::io_context context;
  bool cancelled = false;
  support::started running(context, within(milliseconds(2), never(cancelled)));
  EXPECT_FALSE(running.wait());
  EXPECT_TRUE(cancelled);
}

awaitable<int> failing_after(milliseconds pause) {
  co_await after(pause);
  throw std::runtime_error("what went wrong");
}

TEST(Within, ThrowsAtOnceWhatTheWorkThrows) {
  for (const auto pause : {milliseconds(0), milliseconds(2)}) {
    asio::io_context context;
    support::started running(context, within(std::chrono::hours(1), failing_after(pause)));
    EXPECT_THROW(running.wait(), std::runtime_error);
    EXPECT_TRUE(running.done());
  }
}

TEST(Within, PassesACancellationOn) {
  asio::io_context context;
  bool cancelled = false;
  support::started running(context, within(std::chrono::hours(1), never(cancelled)));
  support::run_ready(context);
  running.cancel();
  running.wait();
  EXPECT_TRUE(cancelled);
}

}  // namespace
}  // namespace tunnel::aio
