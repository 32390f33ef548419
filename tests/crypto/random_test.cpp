#include "crypto/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tunnel::crypto {
namespace {

TEST(Random, FillsAllOfIt) {
  // Each place of 32 octets is zero eight times in a row with probability 2^-64.
  octets ever(32);
  for (int round = 0; round < 8; ++round) {
    octets now(32);
    fill_random(now);
    for (std::size_t i = 0; i < now.size(); ++i) ever[i] = static_cast<octet>(ever[i] | now[i]);
  }
  EXPECT_EQ(std::ranges::count(ever, octet{0}), 0);
}

TEST(Random, DiffersFromCallToCall) {
  octets one(16);
  octets other(16);
  fill_random(one);
  fill_random(other);
  EXPECT_NE(one, other);
  fill_random({});
}

}  // namespace
}  // namespace tunnel::crypto
