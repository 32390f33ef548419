#include "crypto/key_checks.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>

namespace tunnel::crypto {
namespace {

using kind = signing_key::kind;

pkey_ptr curve_key(const char* name) {
  return pkey_ptr(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", name));
}

pkey_ptr rsa_key(std::size_t bits) {
  return pkey_ptr(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits));
}

pkey_ptr plain_key(const char* type) {
  return pkey_ptr(EVP_PKEY_Q_keygen(nullptr, nullptr, type));
}

TEST(KeyChecks, KnowTheKindsThatSshHas) {
  EXPECT_EQ(kind_of(plain_key("ED25519").get()), kind::ed25519);
  EXPECT_EQ(kind_of(curve_key("P-256").get()), kind::ecdsa_p256);
  EXPECT_EQ(kind_of(curve_key("P-384").get()), kind::ecdsa_p384);
  EXPECT_EQ(kind_of(curve_key("P-521").get()), kind::ecdsa_p521);
  EXPECT_EQ(kind_of(rsa_key(1024).get()), kind::rsa);
}

TEST(KeyChecks, KnowNoOtherKinds) {
  EXPECT_EQ(kind_of(plain_key("X25519").get()), std::nullopt);
  EXPECT_EQ(kind_of(plain_key("ED448").get()), std::nullopt);
  EXPECT_EQ(kind_of(curve_key("secp256k1").get()), std::nullopt);
  EXPECT_EQ(kind_of(curve_key("P-224").get()), std::nullopt);
  EXPECT_EQ(kind_of(rsa_key(768).get()), std::nullopt);
}

TEST(KeyChecks, FindKeysOfOneCastConsistent) {
  EXPECT_TRUE(is_consistent(plain_key("ED25519").get()));
  EXPECT_TRUE(is_consistent(curve_key("P-256").get()));
  EXPECT_TRUE(is_consistent(rsa_key(1024).get()));
}

octets number_of(const pkey_ptr& key, const char* name) {
  BIGNUM* value = nullptr;
  if (EVP_PKEY_get_bn_param(key.get(), name, &value) != 1) throw std::runtime_error("a number is missing");
  const bignum_ptr owner(value);
  octets magnitude(static_cast<std::size_t>(BN_num_bytes(value)));
  BN_bn2bin(value, magnitude.data());
  return magnitude;
}

// RFC 8017 section 3.2: n = p q, e d = 1 modulo p - 1 and q - 1, and the coefficient inverts q modulo p.
TEST(KeyChecks, FindRsaNumbersThatDoNotBelongTogether) {
  const auto key = rsa_key(1024);
  octets numbers[] = {
      number_of(key, OSSL_PKEY_PARAM_RSA_N),       number_of(key, OSSL_PKEY_PARAM_RSA_E),
      number_of(key, OSSL_PKEY_PARAM_RSA_D),       number_of(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1),
      number_of(key, OSSL_PKEY_PARAM_RSA_FACTOR1), number_of(key, OSSL_PKEY_PARAM_RSA_FACTOR2)};
  const auto make = [&numbers] {
    return signing_key::rsa({numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]});
  };
  EXPECT_TRUE(make());
  for (std::size_t i = 0; i < std::size(numbers); ++i) {
    SCOPED_TRACE(i);
    for (const octet change : {octet{1}, octet{2}}) {
      numbers[i].back() ^= change;
      EXPECT_FALSE(make());
      numbers[i].back() ^= change;
    }
    const auto whole = std::exchange(numbers[i], {});
    EXPECT_FALSE(make());
    numbers[i] = whole;
  }
  std::swap(numbers[4], numbers[5]);
  EXPECT_FALSE(make()) << "the coefficient is the other prime's";
}

}  // namespace
}  // namespace tunnel::crypto
