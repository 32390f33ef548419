#include "crypto/secret_octets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace tunnel::crypto {
namespace {

bool is(const secret_octets& value, const octets& expected) {
  return std::ranges::equal(value.view(), expected);
}

TEST(SecretOctets, HoldsWhatItWasGivenWithoutCopyingIt) {
  octets value{1, 2, 3};
  const auto* const place = value.data();
  const secret_octets kept(std::move(value));
  EXPECT_EQ(kept.view().data(), place);
  EXPECT_TRUE(is(kept, {1, 2, 3}));
}

TEST(SecretOctets, BeginsWithZeros) {
  EXPECT_TRUE(is(secret_octets(4), {0, 0, 0, 0}));
  EXPECT_TRUE(secret_octets().view().empty());
}

TEST(SecretOctets, CanBeWrittenTo) {
  secret_octets value(2);
  value.span()[1] = 9;
  EXPECT_TRUE(is(value, {0, 9}));
}

TEST(SecretOctets, LeavesNothingBehindWhereItIsMovedFrom) {
  secret_octets from(octets{1, 2, 3});
  const secret_octets to(std::move(from));
  EXPECT_TRUE(is(to, {1, 2, 3}));
  // NOLINTNEXTLINE(bugprone-use-after-move): what it is left with is what this is about.
  EXPECT_TRUE(from.view().empty());
}

TEST(SecretOctets, AssignedToKeepsNoCopyOfItsOwn) {
  secret_octets one(octets{1, 2, 3});
  secret_octets other(octets{4, 5});
  const auto* const place = other.view().data();
  one = std::move(other);
  EXPECT_TRUE(is(one, {4, 5}));
  EXPECT_EQ(one.view().data(), place);
}

}  // namespace
}  // namespace tunnel::crypto
