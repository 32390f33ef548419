// draft-ietf-sshm-mlkem-hybrid-kex. Built where libcrypto has ML-KEM, from OpenSSL 3.5 on.

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/key_agreement.hpp"
#include "server_side.hpp"
#include "ssh/native/core/errors.hpp"
#include "ssh/native/core/key_exchange.hpp"

namespace tunnel::ssh::native {
namespace {

constexpr std::size_t ciphertext_size = 1088;
constexpr std::size_t curve_size = 32;

class HybridExchange : public testing::Test {
 protected:
  result<std::optional<exchange_outcome>> answer_with(octet_view server_value) {
    octets unsent;
    auto outcome = client_->on_message(
        reply_message(31, as_octets("k"), as_string(server_value), as_octets("s")), unsent);
    EXPECT_TRUE(unsent.empty());
    return outcome;
  }

  // A ciphertext made for nobody is as good as another (FIPS 203 section 6.3).
  [[nodiscard]] static octets reply() {
    return joined({octets(ciphertext_size), crypto::agree_x25519()->public_value()});
  }

  exchange_context context_ = example_context();
  std::unique_ptr<key_exchange> client_ = make_key_exchange("mlkem768x25519-sha256", context_);
  octets begun_ = client_->begin();
};

// Section 2.3: C_INIT and S_REPLY are strings; section 2.4: so is K, of 32 octets.
TEST_F(HybridExchange, HashesStrings) {
  EXPECT_EQ(value_in(begun_).size(), 1184 + curve_size);
  const auto value = reply();
  const auto outcome = answer_with(value);
  ASSERT_TRUE(outcome && *outcome);
  const auto secret = (*outcome)->shared_secret.view();
  ASSERT_EQ(secret.size(), 4U + 32U);
  EXPECT_TRUE(std::ranges::equal(secret, as_string(secret.subspan(4))));
  EXPECT_EQ((*outcome)->exchange_hash,
            expected_hash(crypto::digest_algorithm::sha256, context_, as_octets("k"),
                          {as_string(value_in(begun_)), as_string(value)}, secret));
}

TEST_F(HybridExchange, RefusesRepliesOfOtherLengths) {
  const auto right = reply();
  for (const std::size_t size : {std::size_t{0}, curve_size, ciphertext_size, right.size() - 1,
                                 right.size() + 1, right.size() + curve_size}) {
    client_ = make_key_exchange("mlkem768x25519-sha256", context_);
    auto other = right;
    other.resize(size);
    const auto refused = answer_with(other);
    ASSERT_FALSE(refused) << size;
    EXPECT_EQ(refused.error().code, errc::key_exchange_failed) << size;
  }
}

TEST_F(HybridExchange, RefusesACurvesValueOfZeros) {
  auto value = reply();
  std::ranges::fill(value.end() - curve_size, value.end(), octet{0});
  const auto refused = answer_with(value);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::key_exchange_failed);
}

}  // namespace
}  // namespace tunnel::ssh::native
