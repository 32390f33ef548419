#include "ssh/native/core/round_trip.hpp"

#include <gtest/gtest.h>

namespace tunnel::ssh::native {
namespace {

using namespace std::chrono_literals;

constexpr auto epoch = round_trip::time_point() + 1h;

TEST(RoundTrip, KnowsNothingAtFirst) {
  EXPECT_EQ(round_trip().shortest(), 0ms);
}

TEST(RoundTrip, BelievesTheShortest) {
  round_trip path;
  path.on_measured(200ms, epoch);
  path.on_measured(20ms, epoch + 1s);
  path.on_measured(500ms, epoch + 2s);
  EXPECT_EQ(path.shortest(), 20ms);
}

TEST(RoundTrip, ForgetsOldPaths) {
  round_trip path;
  path.on_measured(10ms, epoch);
  path.on_measured(300ms, epoch + 5min);
  EXPECT_EQ(path.shortest(), 10ms);
  path.on_measured(300ms, epoch + 10min);
  EXPECT_EQ(path.shortest(), 300ms);
}

TEST(RoundTrip, WantsItsFirstMeasurementsSoon) {
  round_trip path;
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(path.wants_measuring(epoch)) << i;
    path.on_measured(10ms, epoch);
  }
  EXPECT_FALSE(path.wants_measuring(epoch));
}

TEST(RoundTrip, WantsFurtherMeasurementsOnceASecondWhileItIsBusy) {
  round_trip path;
  for (int i = 0; i < 8; ++i) path.on_measured(10ms, epoch);
  EXPECT_FALSE(path.wants_measuring(epoch + 10s)) << "nothing came";
  path.on_traffic();
  EXPECT_TRUE(path.wants_measuring(epoch + 10s));
  path.on_measured(10ms, epoch + 10s);
  path.on_traffic();
  EXPECT_FALSE(path.wants_measuring(epoch + 10s + 999ms));
  EXPECT_TRUE(path.wants_measuring(epoch + 11s));
}

}  // namespace
}  // namespace tunnel::ssh::native
