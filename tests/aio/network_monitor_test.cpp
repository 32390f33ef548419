#include "aio/network_monitor.hpp"

#include <gtest/gtest.h>

#include "support/event_loop.hpp"

namespace tunnel::aio {
namespace {

TEST(NetworkMonitor, LetsGoOfItsExecutorWhenItGoes) {
  asio::io_context context;
  bool told = false;
  {
    const network_monitor monitor(context.get_executor(), [&](const char*) { told = true; });
    support::run_ready(context);
  }
  context.restart();
  context.run();
  EXPECT_FALSE(told) << "nothing had changed";
}

}  // namespace
}  // namespace tunnel::aio
