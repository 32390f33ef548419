#include "crypto/hybrid_agreement.hpp"

#include <gtest/gtest.h>

#include <openssl/opensslv.h>

#include <algorithm>
#include <utility>

#include "crypto/digest.hpp"

namespace tunnel::crypto {
namespace {

constexpr std::size_t ciphertext_size = 1088;
constexpr std::size_t curve_size = 32;
constexpr octet stand_in_secret = 0x5a;

// In the place of ML-KEM-768, with its lengths: what holds of a hybrid holds where libcrypto has no ML-KEM
// too.
class stand_in final : public decapsulation_key {
 public:
  explicit stand_in(bool& decapsulated) : decapsulated_(decapsulated) {}

  octets encapsulation_key() const override { return octets(1184, 0x11); }
  std::size_t ciphertext_size() const override { return crypto::ciphertext_size; }

  secret_octets decapsulate(octet_view ciphertext) const override {
    EXPECT_EQ(ciphertext.size(), crypto::ciphertext_size);
    EXPECT_TRUE(std::ranges::all_of(ciphertext, [](octet each) { return each == 0x22; }));
    decapsulated_ = true;
    return secret_octets(octets(32, stand_in_secret));
  }

 private:
  bool& decapsulated_;
};

class HybridAgreement : public testing::Test {
 protected:
  // A server's part: a ciphertext and its own X25519 value.
  [[nodiscard]] octets reply() const { return reply_with(server_curve_->public_value()); }

  [[nodiscard]] static octets reply_with(octet_view curve_value) {
    octets value(ciphertext_size, 0x22);
    value.insert(value.end(), curve_value.begin(), curve_value.end());
    return value;
  }

  bool decapsulated_ = false;
  std::unique_ptr<key_agreement> server_curve_ = agree_x25519();
  std::unique_ptr<key_agreement> own_ =
      agree_hybrid(std::make_unique<stand_in>(decapsulated_), agree_x25519());
};

// draft-ietf-sshm-mlkem-hybrid-kex section 2.3: C_INIT is C_PK2 | C_PK1.
TEST_F(HybridAgreement, SendsTheEncapsulationKeyBeforeTheCurvesValue) {
  const auto value = own_->public_value();
  ASSERT_EQ(value.size(), 1184 + curve_size);
  EXPECT_TRUE(std::ranges::all_of(value.first(1184), [](octet each) { return each == 0x11; }));
  EXPECT_FALSE(std::ranges::all_of(value.subspan(1184), [](octet each) { return each == 0x11; }));
}

// Section 2.4: K = HASH(K_PQ | K_CL).
TEST_F(HybridAgreement, HashesTheMechanismsSecretBeforeTheCurves) {
  const auto agreed = own_->agree(reply());
  ASSERT_TRUE(agreed);
  const auto curve_secret = server_curve_->agree(own_->public_value().last(curve_size));
  ASSERT_TRUE(curve_secret);
  ASSERT_EQ(curve_secret->view().size(), curve_size);
  octets both(32, stand_in_secret);
  both.insert(both.end(), curve_secret->view().begin(), curve_secret->view().end());
  EXPECT_TRUE(std::ranges::equal(agreed->view(), sha256(both)));
}

// Section 2.3: S_REPLY is S_CT2 | S_PK1, of their lengths; anything else is refused.
TEST_F(HybridAgreement, TakesRepliesOfTheirOneLengthAlone) {
  const auto right = reply();
  for (std::size_t size = 0; size < right.size(); ++size)
    EXPECT_FALSE(own_->agree(octet_view(right).first(size))) << size;
  for (const std::size_t more : {1U, 32U, 1088U, 32768U}) {
    auto longer = right;
    longer.resize(right.size() + more, 0x22);
    EXPECT_FALSE(own_->agree(longer)) << more;
  }
  // A point alone, and the ciphertexts of ML-KEM-512 and ML-KEM-1024 before one.
  for (const std::size_t size : {0U, 768U, 1568U}) {
    octets other(size, 0x22);
    other.insert(other.end(), right.end() - curve_size, right.end());
    EXPECT_FALSE(own_->agree(other)) << size;
  }
  EXPECT_FALSE(decapsulated_) << "a reply of the wrong length reached the mechanism";
  EXPECT_TRUE(own_->agree(right));
}

// Section 2.3 and RFC 8731 section 3: zeros, and values that make zeros of every scalar.
TEST_F(HybridAgreement, RefusesValuesThatMakeTheCurvesSecretZero) {
  octets zero(curve_size);
  EXPECT_FALSE(own_->agree(reply_with(zero)));
  octets one(curve_size);
  one.front() = 1;
  EXPECT_FALSE(own_->agree(reply_with(one)));
  EXPECT_FALSE(decapsulated_);
}

// ml_kem_test.cpp is built where this is so, and must not be left out by mistake.
TEST(MlKem768, IsThereFromOpenssl35On) {
  EXPECT_EQ(mlkem768_available(), OPENSSL_VERSION_NUMBER >= 0x30500000L);
}

}  // namespace
}  // namespace tunnel::crypto
