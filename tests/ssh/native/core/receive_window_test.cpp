#include "ssh/native/core/receive_window.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tunnel::ssh::native {
namespace {

constexpr std::uint32_t initial = receive_window::initial;
constexpr std::uint32_t largest = receive_window::largest;
constexpr std::size_t packet = 32 * 1024;

// Octets that go straight to their reader; what was granted for them.
std::uint32_t pass(receive_window& window, std::size_t count, std::uint64_t wanted, window_budget& budget) {
  EXPECT_TRUE(window.receive(count));
  return window.consume(count, wanted, budget);
}

// RFC 4254 section 5.2.
TEST(ReceiveWindow, TakesNoMoreThanWasGranted) {
  receive_window window;
  EXPECT_TRUE(window.receive(initial - 1));
  EXPECT_TRUE(window.receive(1));
  EXPECT_FALSE(window.receive(1));
  EXPECT_TRUE(window.receive(0));
}

TEST(ReceiveWindow, RefusesTooMuchWithoutCountingIt) {
  receive_window window;
  EXPECT_FALSE(window.receive(std::size_t{initial} + 1));
  EXPECT_FALSE(window.receive(std::size_t{1} << 40U));
  EXPECT_EQ(window.backlog(), 0U);
  EXPECT_TRUE(window.receive(initial));
}

TEST(ReceiveWindow, CountsWhatTheReaderHasNotTaken) {
  receive_window window;
  window_budget budget;
  ASSERT_TRUE(window.receive(1000));
  EXPECT_EQ(window.backlog(), 1000U);
  window.consume(400, 0, budget);
  EXPECT_EQ(window.backlog(), 600U);
}

TEST(ReceiveWindow, IsToppedUpInEighths) {
  receive_window window;
  window_budget budget;
  std::size_t passed = 0;
  std::uint32_t granted = 0;
  while (granted == 0) {
    granted = pass(window, packet, 0, budget);
    passed += packet;
  }
  EXPECT_EQ(passed, initial / 8);
  EXPECT_EQ(granted, initial / 8);
}

TEST(ReceiveWindow, GrantsWhatWasTakenAndNoMore) {
  receive_window window;
  window_budget budget;
  std::uint64_t received = 0;
  std::uint64_t granted = initial;
  for (int i = 0; i < 10000; ++i) {
    granted += pass(window, 1 + static_cast<std::size_t>(i) * 7 % packet, 0, budget);
    received += 1 + static_cast<std::uint64_t>(i) * 7 % packet;
    ASSERT_LE(granted - received, initial);
    ASSERT_GE(granted - received, initial - initial / 8 - packet);
  }
}

TEST(ReceiveWindow, GrantsNothingForWhatNobodyTook) {
  receive_window window;
  window_budget budget;
  ASSERT_TRUE(window.receive(initial));
  EXPECT_EQ(window.consume(1000, 0, budget), 0U);
  // An eighth has been taken, and just that is granted.
  EXPECT_EQ(window.consume(initial / 8 - 1000, largest, budget), initial / 8);
  EXPECT_FALSE(window.receive(initial / 8 + 1));
  EXPECT_TRUE(window.receive(initial / 8));
}

TEST(ReceiveWindow, GrowsToWhatThePathCarries) {
  receive_window window;
  window_budget budget;
  const auto granted = pass(window, initial / 8, 2 * initial, budget);
  EXPECT_EQ(granted, initial + initial / 8);
  EXPECT_EQ(budget.left(), window_budget::limit - initial);
  EXPECT_TRUE(window.receive(2 * initial));
  EXPECT_FALSE(window.receive(1));
}

TEST(ReceiveWindow, NeverShrinksByWhatThePathCarries) {
  receive_window window;
  window_budget budget;
  pass(window, initial / 8, 2 * initial, budget);
  EXPECT_EQ(pass(window, 2 * initial / 8, 1, budget), 2 * initial / 8);
}

// Where a reader is slow, a larger window only holds more.
TEST(ReceiveWindow, DoesNotGrowWhileTheReaderIsBehind) {
  receive_window window;
  window_budget budget;
  ASSERT_TRUE(window.receive(initial));
  EXPECT_EQ(window.consume(initial - 1, largest, budget), initial - 1);
  EXPECT_EQ(budget.left(), window_budget::limit);
}

TEST(ReceiveWindow, GrowsToItsLargestSizeAtMost) {
  receive_window window;
  window_budget budget;
  pass(window, initial / 8, std::uint64_t{1} << 60U, budget);
  EXPECT_TRUE(window.receive(largest));
  EXPECT_FALSE(window.receive(1));
  EXPECT_EQ(budget.left(), window_budget::limit - (largest - initial));
}

TEST(ReceiveWindow, SharesABudgetWithTheOtherChannels) {
  window_budget budget;
  std::vector<receive_window> windows(10);
  std::uint64_t beyond = 0;
  for (auto& window : windows) beyond += pass(window, initial / 8, largest, budget) - initial / 8;
  EXPECT_EQ(beyond, window_budget::limit);
  EXPECT_EQ(budget.left(), 0U);
  // The last has its initial window all the same.
  EXPECT_TRUE(windows.back().receive(initial));
}

TEST(ReceiveWindow, GivesItsShareBack) {
  window_budget budget;
  receive_window window;
  pass(window, initial / 8, largest, budget);
  ASSERT_LT(budget.left(), window_budget::limit);
  window.release(budget);
  EXPECT_EQ(budget.left(), window_budget::limit);
  window.release(budget);
  EXPECT_EQ(budget.left(), window_budget::limit);
}

}  // namespace
}  // namespace tunnel::ssh::native
