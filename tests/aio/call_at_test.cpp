#include "aio/call_at.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "aio/worker.hpp"
#include "support/event_loop.hpp"

namespace tunnel::aio {
namespace {

using calling = std::function<awaitable<int>()>;

TEST(CallAt, BringsWhatAnotherThreadGaveToTheCallersThread) {
  asio::io_context context;
  worker home("home");
  std::thread::id there;
  calling work = [&]() -> awaitable<int> {
    there = std::this_thread::get_id();
    co_return 42;
  };
  support::started asking(context, call_at<int>(home.get_executor(), work));
  EXPECT_EQ(asking.wait(), 42);
  EXPECT_NE(there, std::this_thread::get_id());
}

TEST(CallAt, GivesNothingToACallerThatWasCancelled) {
  asio::io_context context;
  asio::io_context home;
  bool ran = false;
  calling work = [&]() -> awaitable<int> {
    ran = true;
    co_return 42;
  };
  support::started asking(context, call_at<int>(home.get_executor(), work));
  support::run_ready(context);
  asking.cancel();
  EXPECT_EQ(asking.wait(), std::nullopt);
  home.poll();
  EXPECT_TRUE(ran);
  support::run_ready(context);
}

TEST(CallAt, LetsTheCallersExecutorGoBeforeTheAnswer) {
  asio::io_context home;
  calling work = []() -> awaitable<int> { co_return 42; };
  {
    asio::io_context context;
    support::started asking(context, call_at<int>(home.get_executor(), work));
    support::run_ready(context);
  }
  EXPECT_NE(home.poll(), 0U);
}

}  // namespace
}  // namespace tunnel::aio
