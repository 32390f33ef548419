#include "ssh/native/core/rekey_limits.hpp"

#include <gtest/gtest.h>

namespace tunnel::ssh::native {
namespace {

constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30U;

// RFC 4253 section 9, RFC 4344 section 3.
TEST(RekeyLimits, AreAGigabyteAnHourAndHalfOfTheSequenceNumbers) {
  const rekey_limits usual;
  EXPECT_EQ(usual.octets, gibibyte);
  EXPECT_EQ(usual.age, std::chrono::hours(1));
  EXPECT_EQ(usual.packets, std::uint64_t{1} << 31U);
}

TEST(RekeyLimits, AreReachedByOctetsOrPackets) {
  const rekey_limits usual;
  EXPECT_FALSE(usual.reached({0, 0}));
  EXPECT_FALSE(usual.reached({usual.packets - 1, gibibyte - 1}));
  EXPECT_TRUE(usual.reached({1, gibibyte}));
  EXPECT_TRUE(usual.reached({usual.packets, 1}));
}

TEST(RekeyLimits, MayBeSmall) {
  const rekey_limits small{.octets = 100, .age = std::chrono::hours(1), .packets = 3};
  EXPECT_FALSE(small.reached({2, 99}));
  EXPECT_TRUE(small.reached({2, 100}));
  EXPECT_TRUE(small.reached({3, 99}));
}

// RFC 4344 section 3.2: 2^32 blocks of 16 octets, whatever the user says.
TEST(RekeyLimits, EndWithWhatOneKeyOfAesMayCarry) {
  rekey_limits wide;
  wide.octets = ~std::uint64_t{0};
  EXPECT_FALSE(wide.reached({1, 64 * gibibyte - 1}));
  EXPECT_TRUE(wide.reached({1, 64 * gibibyte}));
}

}  // namespace
}  // namespace tunnel::ssh::native
