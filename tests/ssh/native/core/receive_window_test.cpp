#include "ssh/native/core/receive_window.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace tunnel::ssh::native {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t initial = receive_window::initial;
constexpr std::uint32_t largest = receive_window::largest;
constexpr std::uint32_t packet = 32 * 1024;
constexpr receive_window::duration unknown{};
constexpr auto start = receive_window::time_point() + 1h;

/// A channel on a path with a round trip of 100 ms, and a server that sends whatever it may.
class far_flow {
 public:
  explicit far_flow(window_budget& budget) : budget_(budget) {}

  /// What the server may send in one round trip, all of which goes straight to its reader, as far as the path
  /// carries it. The grants for it have their effect in the next.
  std::uint64_t round(std::uint64_t carried = std::uint64_t{1} << 40U) {
    const auto sent = std::min(allowed_, carried);
    allowed_ -= sent;
    std::uint64_t granted = 0;
    for (std::uint64_t left = sent; left != 0;) {
      const auto part = std::min<std::uint64_t>(left, packet);
      EXPECT_TRUE(window.receive(part, now_, 100ms));
      granted += window.consume(part, budget_);
      left -= part;
    }
    allowed_ += granted;
    now_ += 100ms;
    return sent;
  }

  [[nodiscard]] std::uint64_t size() const { return initial + window_budget::limit - budget_.left(); }

  receive_window window;

 private:
  window_budget& budget_;
  std::uint64_t allowed_ = initial;
  receive_window::time_point now_ = start;
};

// Octets that go straight to their reader; what was granted for them.
std::uint32_t pass(receive_window& window, std::size_t count, window_budget& budget) {
  EXPECT_TRUE(window.receive(count, start, unknown));
  return window.consume(count, budget);
}

// RFC 4254 section 5.2.
TEST(ReceiveWindow, TakesNoMoreThanWasGranted) {
  receive_window window;
  EXPECT_TRUE(window.receive(initial - 1, start, unknown));
  EXPECT_TRUE(window.receive(1, start, unknown));
  EXPECT_FALSE(window.receive(1, start, unknown));
  EXPECT_TRUE(window.receive(0, start, unknown));
}

TEST(ReceiveWindow, RefusesTooMuchWithoutCountingIt) {
  receive_window window;
  EXPECT_FALSE(window.receive(std::size_t{initial} + 1, start, unknown));
  EXPECT_FALSE(window.receive(std::size_t{1} << 40U, start, unknown));
  EXPECT_EQ(window.backlog(), 0U);
  EXPECT_TRUE(window.receive(initial, start, unknown));
}

TEST(ReceiveWindow, CountsWhatTheReaderHasNotTaken) {
  receive_window window;
  window_budget budget;
  ASSERT_TRUE(window.receive(1000, start, unknown));
  EXPECT_EQ(window.backlog(), 1000U);
  EXPECT_EQ(window.consume(400, budget), 0U);
  EXPECT_EQ(window.backlog(), 600U);
}

TEST(ReceiveWindow, IsToppedUpInEighths) {
  receive_window window;
  window_budget budget;
  std::size_t passed = 0;
  std::uint32_t granted = 0;
  while (granted == 0) {
    granted = pass(window, packet, budget);
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
    granted += pass(window, 1 + static_cast<std::size_t>(i) * 7 % packet, budget);
    received += 1 + static_cast<std::uint64_t>(i) * 7 % packet;
    ASSERT_LE(granted - received, initial);
    ASSERT_GE(granted - received, initial - initial / 8 - packet);
  }
}

TEST(ReceiveWindow, GrantsNothingForWhatNobodyTook) {
  receive_window window;
  window_budget budget;
  ASSERT_TRUE(window.receive(initial, start, unknown));
  EXPECT_EQ(window.consume(1000, budget), 0U);
  // An eighth has been taken, and just that is granted.
  EXPECT_EQ(window.consume(initial / 8 - 1000, budget), initial / 8);
  EXPECT_FALSE(window.receive(initial / 8 + 1, start, unknown));
  EXPECT_TRUE(window.receive(initial / 8, start, unknown));
}

TEST(ReceiveWindow, StaysAsItIsWhileTheRoundTripIsUnknown) {
  receive_window window;
  window_budget budget;
  for (std::uint64_t passed = 0; passed < 10 * largest; passed += packet) pass(window, packet, budget);
  EXPECT_EQ(budget.left(), window_budget::limit);
}

TEST(ReceiveWindow, GrowsWhileItIsUsedUpInARoundTrip) {
  window_budget budget;
  far_flow flow(budget);
  EXPECT_EQ(flow.round(), initial);
  std::uint64_t last = initial;
  for (int i = 0; i < 4; ++i) {
    const auto sent = flow.round();
    EXPECT_GE(sent, last);
    last = sent;
  }
  EXPECT_GE(last, largest - largest / 8);
  EXPECT_LE(last, largest);
  EXPECT_EQ(budget.left(), window_budget::limit - (largest - initial));
}

// 250 KB in a round trip: the window waits in queues as it is.
TEST(ReceiveWindow, DoesNotGrowOnAPathThatCarriesLess) {
  window_budget budget;
  far_flow flow(budget);
  for (int i = 0; i < 100; ++i) flow.round(250'000);
  EXPECT_EQ(budget.left(), window_budget::limit);
}

TEST(ReceiveWindow, ShrinksWhenThePathCarriesLess) {
  window_budget budget;
  far_flow flow(budget);
  for (int i = 0; i < 6; ++i) flow.round();
  ASSERT_EQ(budget.left(), window_budget::limit - (largest - initial));
  // One slow round trip is borne.
  flow.round(1'000'000);
  flow.round();
  EXPECT_GE(flow.round(), largest / 2);
  for (int i = 0; i < 40; ++i) flow.round(1'000'000);
  EXPECT_GE(budget.left(), window_budget::limit - 1'100'000);
  // No more is granted than the smaller window has.
  EXPECT_LE(flow.round(), initial + 1'100'000);
}

// OpenSSH's sshd becomes slower with a large window that it can fill: what it reads ahead it copies over and
// over.
TEST(ReceiveWindow, GoesBackAfterAGrowthThatBroughtLittle) {
  window_budget budget;
  far_flow flow(budget);
  const auto carried = [&] { return flow.size() > 6 * initial ? initial : std::uint64_t{1} << 40U; };
  for (int i = 0; i < 30; ++i) flow.round(carried());
  EXPECT_EQ(flow.size(), 3 * initial);
  for (int i = 0; i < 60; ++i) {
    flow.round(carried());
    EXPECT_EQ(flow.size(), 3 * initial) << "it is content for 10 s";
  }
}

TEST(ReceiveWindow, TriesAgainAfterAWhile) {
  window_budget budget;
  far_flow flow(budget);
  for (int i = 0; i < 30; ++i) flow.round(flow.size() > 6 * initial ? initial : std::uint64_t{1} << 40U);
  ASSERT_EQ(flow.size(), 3 * initial);
  for (int i = 0; i < 100; ++i) flow.round();
  EXPECT_EQ(flow.size(), largest);
}

// Where a reader is slow, a larger window only holds more.
TEST(ReceiveWindow, DoesNotGrowWhileTheReaderIsBehind) {
  receive_window window;
  window_budget budget;
  ASSERT_TRUE(window.receive(initial, start, 100ms));
  EXPECT_EQ(window.consume(initial, budget), initial);
  EXPECT_EQ(budget.left(), window_budget::limit);
}

TEST(ReceiveWindow, SharesABudgetWithTheOtherChannels) {
  window_budget budget;
  std::vector<far_flow> flows(10, far_flow(budget));
  for (auto& flow : flows)
    for (int i = 0; i < 6; ++i) flow.round();
  EXPECT_EQ(budget.left(), 0U);
  // The last has its initial window all the same.
  EXPECT_GE(flows.back().round(), initial - initial / 8);
}

TEST(ReceiveWindow, GivesItsShareBack) {
  window_budget budget;
  far_flow flow(budget);
  for (int i = 0; i < 6; ++i) flow.round();
  ASSERT_LT(budget.left(), window_budget::limit);
  flow.window.release(budget);
  EXPECT_EQ(budget.left(), window_budget::limit);
  flow.window.release(budget);
  EXPECT_EQ(budget.left(), window_budget::limit);
}

}  // namespace
}  // namespace tunnel::ssh::native
