#include "pool/backoff.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tunnel::pool {
namespace {

using std::chrono::milliseconds;

std::vector<milliseconds> pauses(backoff& from, int count) {
  std::vector<milliseconds> seen;
  for (int number = 0; number < count; ++number) seen.push_back(from.next());
  return seen;
}

TEST(Backoff, DoublesFromHalfASecondToThirty) {
  backoff steady([] { return 0.0; });
  const std::vector<milliseconds> expected{milliseconds(500),   milliseconds(1000),  milliseconds(2000),
                                           milliseconds(4000),  milliseconds(8000),  milliseconds(16000),
                                           milliseconds(30000), milliseconds(30000), milliseconds(30000)};
  EXPECT_EQ(pauses(steady, 9), expected);
}

TEST(Backoff, ShortensEachPauseByUpToAQuarter) {
  double fraction = 0.5;
  backoff varied([&] { return fraction; });
  EXPECT_EQ(varied.next(), milliseconds(437));
  fraction = 0.999;
  EXPECT_GE(varied.next(), milliseconds(750));
  fraction = 0.0;
  EXPECT_EQ(varied.next(), milliseconds(2000)) << "what was cut off is not carried on";
}

TEST(Backoff, BeginsAnewAfterSuccess) {
  backoff steady([] { return 0.0; });
  pauses(steady, 20);
  steady.reset();
  EXPECT_EQ(steady.next(), backoff::first);
}

}  // namespace
}  // namespace tunnel::pool
