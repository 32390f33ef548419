#include "relay/resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>

#include "support/event_loop.hpp"

namespace tunnel::relay {
namespace {

using support::run_ready;
using support::run_until;

// Made anew each time: threads may outlive what is static.
resolved answer() {
  return std::vector<asio::ip::address>{asio::ip::make_address("192.0.2.1")};
}

// Names that begin with "slow" are found once the gate opens.
struct gated {
  std::promise<void> gate;
  std::shared_future<void> opened = gate.get_future().share();

  resolver::look_up_function function() {
    return [wait = opened](const std::string& name) {
      if (name.starts_with("slow")) wait.wait();
      return answer();
    };
  }
};

struct asker {
  int answered = 0;
  resolver::handler handler() {
    return [this](const resolved&) { ++answered; };
  }
};

TEST(Resolver, AsksTheSystem) {
  asio::io_context context;
  resolver names(context.get_executor());
  std::map<std::string, resolved> answers;
  for (const auto* name : {"127.0.0.1", "::1", "::ffff:192.0.2.1", "no..name"}) {
    ASSERT_TRUE(
        names.look_up(&context, name, [&answers, name](resolved got) { answers[name] = std::move(got); }));
  }
  ASSERT_TRUE(run_until(context, [&] { return answers.size() == 4; }));
  const auto addresses = [&](const char* name) {
    return std::get<std::vector<asio::ip::address>>(answers[name]);
  };
  EXPECT_THAT(addresses("127.0.0.1"), testing::ElementsAre(asio::ip::make_address("127.0.0.1")));
  EXPECT_THAT(addresses("::1"), testing::ElementsAre(asio::ip::make_address("::1")));
  EXPECT_THAT(addresses("::ffff:192.0.2.1"), testing::ElementsAre(asio::ip::make_address("192.0.2.1")));
  EXPECT_FALSE(std::get<std::string>(answers["no..name"]).empty());
}

TEST(Resolver, IsNotHeldUpByASlowName) {
  asio::io_context context;
  gated slow;
  resolver names(context.get_executor(), {}, slow.function());
  asker one;
  asker other;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(names.look_up(&one, "slow" + std::to_string(i), one.handler()));
  ASSERT_TRUE(names.look_up(&other, "quick", other.handler()));
  EXPECT_TRUE(run_until(context, [&] { return other.answered == 1; }));
  EXPECT_EQ(one.answered, 0);
  slow.gate.set_value();
  EXPECT_TRUE(run_until(context, [&] { return one.answered == 20; }));
}

TEST(Resolver, RefusesTooManyNames) {
  asio::io_context context;
  gated slow;
  resolver names(context.get_executor(), {.threads = 1, .threads_each = 1, .waiting = 2}, slow.function());
  asker one;
  // One of them may be with the thread already.
  std::size_t taken = 0;
  while (names.look_up(&one, "slow", one.handler())) ASSERT_LE(++taken, 3U);
  EXPECT_GE(taken, 2U);
  slow.gate.set_value();
  EXPECT_TRUE(run_until(context, [&] { return one.answered == static_cast<int>(taken); }));
}

TEST(Resolver, LeavesPlacesToOtherUsers) {
  asio::io_context context;
  gated slow;
  resolver names(context.get_executor(), {.threads = 2, .threads_each = 1, .waiting = 9, .waiting_each = 2},
                 slow.function());
  asker one;
  asker other;
  std::size_t taken = 0;
  while (names.look_up(&one, "slow", one.handler())) ASSERT_LE(++taken, 3U);
  ASSERT_TRUE(names.look_up(&other, "quick", other.handler()));
  EXPECT_TRUE(run_until(context, [&] { return other.answered == 1; }));
  EXPECT_EQ(one.answered, 0);
  slow.gate.set_value();
}

TEST(Resolver, ForgetsWhatAUserAskedFor) {
  asio::io_context context;
  gated slow;
  resolver names(context.get_executor(), {.threads = 1, .threads_each = 1, .waiting = 9}, slow.function());
  asker one;
  asker other;
  // The first holds the only thread.
  ASSERT_TRUE(names.look_up(&other, "slow", other.handler()));
  ASSERT_TRUE(names.look_up(&one, "quick", one.handler()));
  ASSERT_TRUE(names.look_up(&other, "quick", other.handler()));
  names.forget(&one);
  slow.gate.set_value();
  EXPECT_TRUE(run_until(context, [&] { return other.answered == 2; }));
  EXPECT_EQ(one.answered, 0);
}

TEST(Resolver, MayGoWhileNamesAreLookedUp) {
  asker one;
  gated slow;
  {
    asio::io_context context;
    resolver names(context.get_executor(), {}, slow.function());
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(names.look_up(&one, "slow", one.handler()));
  }
  slow.gate.set_value();
  EXPECT_EQ(one.answered, 0);
}

}  // namespace
}  // namespace tunnel::relay
