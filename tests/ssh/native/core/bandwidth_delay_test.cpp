#include "ssh/native/core/bandwidth_delay.hpp"

#include <gtest/gtest.h>

namespace tunnel::ssh::native {
namespace {

using namespace std::chrono_literals;

// A path under test, with a clock of its own.
struct path {
  bandwidth_delay measured;
  bandwidth_delay::time_point now = bandwidth_delay::time_point() + 1h;

  void round_trip(bandwidth_delay::duration took) { measured.on_round_trip(took, now); }

  // So many octets come in each step, for a while.
  void carry(std::size_t count, bandwidth_delay::duration each, int steps) {
    for (int i = 0; i < steps; ++i) {
      now += each;
      measured.add(count, now);
    }
  }
};

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

TEST(BandwidthDelay, KnowsNothingAtFirst) {
  path over;
  EXPECT_EQ(over.measured.window(), 0U);
  over.carry(mebibyte, 1ms, 1000);
  EXPECT_EQ(over.measured.window(), 0U) << "without a round trip";
  path silent;
  silent.round_trip(10ms);
  EXPECT_EQ(silent.measured.window(), 0U) << "without a rate";
}

// 10 MB/s at 100 ms: 1 MB under way. A path that is full deserves twice that.
TEST(BandwidthDelay, SettlesAtTwiceTheProduct) {
  path over;
  over.round_trip(100ms);
  over.carry(100'000, 10ms, 1000);
  EXPECT_GE(over.measured.window(), 1'900'000U);
  EXPECT_LE(over.measured.window(), 2'300'000U);
}

TEST(BandwidthDelay, LeadsTheWayWhileTheRateStillRises) {
  path over;
  over.round_trip(100ms);
  // Doubled every 150 ms.
  std::size_t count = 1000;
  std::uint64_t before = 0;
  for (int i = 0; i < 8; ++i) {
    over.carry(count, 10ms, 15);
    const auto deserved = over.measured.window();
    EXPECT_GT(deserved, before);
    // A hundredth of a second's octets, times ten for the round trip, times four; pauses between the
    // intervals are borne with.
    EXPECT_GE(deserved, 2 * 10 * count);
    before = deserved;
    count *= 2;
  }
}

TEST(BandwidthDelay, BelievesTheShortestRoundTrip) {
  path over;
  over.round_trip(200ms);
  over.round_trip(20ms);
  over.round_trip(500ms);
  over.carry(100'000, 10ms, 1000);
  // 10 MB/s at 20 ms.
  EXPECT_GE(over.measured.window(), 380'000U);
  EXPECT_LE(over.measured.window(), 480'000U);
}

TEST(BandwidthDelay, TakesNoRateOverLessThanTwoMilliseconds) {
  path over;
  over.round_trip(10us);
  // A megabyte at once, as a kernel's buffer gives it, then a millisecond of nothing.
  over.carry(mebibyte, 1us, 1);
  over.now += 1ms;
  over.measured.add(1, over.now);
  EXPECT_EQ(over.measured.window(), 0U);
}

TEST(BandwidthDelay, TakesNoRateOverAPause) {
  path over;
  over.round_trip(100ms);
  over.carry(100'000, 10ms, 11);
  const auto before = over.measured.window();
  over.now += 10s;
  over.measured.add(mebibyte, over.now);
  EXPECT_EQ(over.measured.window(), before);
}

TEST(BandwidthDelay, ForgetsOldPaths) {
  path over;
  over.round_trip(500ms);
  over.carry(100'000, 10ms, 1000);
  const auto far = over.measured.window();
  over.round_trip(10ms);
  // Short from now on, and the long one was never the shortest; the rate of then is forgotten after two
  // periods.
  for (int i = 0; i < 3; ++i) {
    over.now += 5min;
    over.round_trip(10ms);
  }
  EXPECT_EQ(over.measured.window(), 0U);
  over.carry(100'000, 10ms, 1000);
  EXPECT_LT(over.measured.window(), far / 10);
}

TEST(BandwidthDelay, WantsItsFirstRoundTripsSoon) {
  path over;
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(over.measured.wants_round_trip(over.now)) << i;
    over.round_trip(10ms);
  }
  EXPECT_FALSE(over.measured.wants_round_trip(over.now));
}

TEST(BandwidthDelay, WantsFurtherRoundTripsOnceASecondWhileItIsBusy) {
  path over;
  for (int i = 0; i < 8; ++i) over.round_trip(10ms);
  over.now += 10s;
  EXPECT_FALSE(over.measured.wants_round_trip(over.now)) << "nothing came";
  over.measured.add(1, over.now);
  EXPECT_TRUE(over.measured.wants_round_trip(over.now));
  over.round_trip(10ms);
  over.measured.add(1, over.now);
  EXPECT_FALSE(over.measured.wants_round_trip(over.now));
  over.now += 999ms;
  EXPECT_FALSE(over.measured.wants_round_trip(over.now));
  over.now += 1ms;
  EXPECT_TRUE(over.measured.wants_round_trip(over.now));
}

}  // namespace
}  // namespace tunnel::ssh::native
