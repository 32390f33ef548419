#include "ssh/native/core/send_window.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace tunnel::ssh::native {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t mebi = 1024 * 1024;
constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();
constexpr send_window::duration unmeasured{};
constexpr auto outset = send_window::time_point() + 1h;

/// A client that always has more, and a server that takes so much of it every millisecond.
class upload {
 public:
  upload(std::uint32_t granted, send_window::duration round_trip)
      : window(granted), round_trip_(round_trip) {}

  void run(send_window::duration time, std::uint32_t taken_each_ms) {
    for (const auto end = now + time; now < end; now += 1ms) {
      send();
      const auto taken = std::min(taken_each_ms, under_way);
      under_way -= taken;
      if (taken == 0) continue;
      EXPECT_TRUE(window.grant(taken, now, round_trip_));
    }
    send();
  }
  void send() {
    const auto room = window.room();
    if (room != 0) window.send(room);
    under_way += room;
  }

  send_window window;
  std::uint32_t under_way = 0;
  send_window::time_point now = outset;

 private:
  send_window::duration round_trip_;
};

// RFC 4254 section 5.2.
TEST(SendWindow, GivesWhatTheServerGranted) {
  send_window window(1000);
  EXPECT_EQ(window.room(), 1000U);
  window.send(300);
  EXPECT_EQ(window.room(), 700U);
  EXPECT_TRUE(window.grant(50, outset, unmeasured));
  EXPECT_EQ(window.room(), 750U);
  window.send(750);
  EXPECT_EQ(window.room(), 0U);
  EXPECT_FALSE(window.is_held_back()) << "by nobody but the server";
}

TEST(SendWindow, RefusesAGrantBeyondItsLargestValue) {
  send_window window(unlimited - 10);
  EXPECT_TRUE(window.grant(10, outset, unmeasured));
  EXPECT_FALSE(window.grant(1, outset, unmeasured));
}

TEST(SendWindow, LeavesNoMoreOnItsWayThanAShortPathCarries) {
  upload flow(2 * mebi, 1ms);
  flow.run(500ms, mebi / 16);
  EXPECT_LE(flow.under_way, send_window::slack + 2 * mebi / 16 + 1);
  EXPECT_GE(flow.under_way, send_window::slack);
  EXPECT_TRUE(flow.window.is_held_back());
}

TEST(SendWindow, LeavesAsMuchOnItsWayAsALongPathCarries) {
  upload flow(2 * mebi, 100ms);
  flow.run(2s, mebi / 64);
  EXPECT_EQ(flow.under_way, 2 * mebi);
}

TEST(SendWindow, GoesByTheGrantsAloneWhileThePathIsUnknown) {
  upload flow(2 * mebi, unmeasured);
  flow.run(500ms, mebi / 16);
  EXPECT_EQ(flow.under_way, 2 * mebi);
}

TEST(SendWindow, FollowsAPathThatBecomesFaster) {
  upload flow(2 * mebi, 50ms);
  flow.run(3s, 2 * 1024);
  const auto before = flow.under_way;
  EXPECT_LT(before, mebi / 2);
  flow.run(1s, mebi / 16);
  EXPECT_EQ(flow.under_way, 2 * mebi);
}

TEST(SendWindow, TakesASlowClientForNoSlowPath) {
  upload flow(2 * mebi, 100ms);
  flow.run(2s, mebi / 64);
  // A little now and then, never as much as there is room for.
  flow.window = send_window(2 * mebi);
  for (int i = 0; i < 1000; ++i, flow.now += 5ms) {
    flow.window.send(1000);
    EXPECT_TRUE(flow.window.grant(1000, flow.now, 100ms));
  }
  EXPECT_GE(flow.window.room(), send_window::slack);
}

TEST(SendWindow, CountsNoPauseAsASlowPath) {
  upload flow(2 * mebi, 100ms);
  flow.run(2s, mebi / 64);
  for (int i = 0; i < 20; ++i) {
    flow.now += 10s;
    flow.run(500ms, mebi / 64);
  }
  EXPECT_EQ(flow.under_way, 2 * mebi);
}

TEST(SendWindow, GoesByTheGrantsAloneOnceReleased) {
  upload flow(2 * mebi, 1ms);
  flow.run(500ms, mebi / 16);
  ASSERT_TRUE(flow.window.is_held_back());
  flow.window.release();
  EXPECT_FALSE(flow.window.is_held_back());
  flow.run(500ms, mebi / 16);
  EXPECT_EQ(flow.under_way, 2 * mebi);
}

}  // namespace
}  // namespace tunnel::ssh::native
