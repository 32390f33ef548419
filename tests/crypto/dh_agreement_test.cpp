#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/key_agreement.hpp"

namespace tunnel::crypto {
namespace {

constexpr std::size_t private_bits = 512;
constexpr octet two = 2;
constexpr octet three = 3;

// 3^1300, odd and of 2061 bits: every power that an exponent of 512 bits can give is zero modulo it.
octets power_of_three() {
  octets number{1};
  for (int i = 0; i < 1300; ++i) {
    unsigned carry = 0;
    for (std::size_t j = number.size(); j-- > 0;) {
      carry += 3U * number[j];
      number[j] = static_cast<octet>(carry);
      carry >>= 8U;
    }
    if (carry != 0) number.insert(number.begin(), static_cast<octet>(carry));
  }
  return number;
}

// RFC 4253 section 8 forbids 0, 1 and p - 1, and OpenSSH values with few bits set: a server that chooses the
// group (RFC 4419) may choose one where nothing else comes out.
TEST(DiffieHellman, RefusesAGroupInWhichEveryPowerIsZero) {
  EXPECT_EQ(agree_dh(power_of_three(), octet_view(&three, 1), private_bits), nullptr);
}

TEST(DiffieHellman, RefusesAGroupInWhichEveryPowerHasOneBit) {
  const octets mersenne(256, 0xff);
  EXPECT_EQ(agree_dh(mersenne, octet_view(&two, 1), private_bits), nullptr);
}

TEST(DiffieHellman, TakesAGoodGroup) {
  const auto one = agree_dh(modp_group14(), octet_view(&two, 1), private_bits);
  const auto other = agree_dh(modp_group14(), octet_view(&two, 1), private_bits);
  ASSERT_NE(one, nullptr);
  const auto secret = one->agree(other->public_value());
  const auto same = other->agree(one->public_value());
  ASSERT_TRUE(secret && same);
  EXPECT_TRUE(std::ranges::equal(secret->view(), same->view()));
}

}  // namespace
}  // namespace tunnel::crypto
