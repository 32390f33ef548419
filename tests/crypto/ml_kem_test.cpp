// With libcrypto's own ML-KEM: built where it has one, from OpenSSL 3.5 on.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "crypto/digest.hpp"
#include "crypto/hybrid_agreement.hpp"
#include "ml_kem_answers.hpp"
#include "support/hexadecimal.hpp"

namespace tunnel::crypto {
namespace {

using support::from_hexadecimal;
using support::hexadecimal;

constexpr std::size_t encapsulation_key_size = 1184;
constexpr std::size_t ciphertext_size = 1088;
constexpr std::size_t curve_size = 32;

// d | z of FIPS 203 section 7.1: the octets 0 to 63.
pkey_ptr key_from_seed() {
  std::array<octet, 64> seed{};
  std::iota(seed.begin(), seed.end(), octet{0});
  std::array parameters{OSSL_PARAM_construct_octet_string("seed", seed.data(), seed.size()),
                        OSSL_PARAM_construct_end()};
  const pkey_ctx_ptr context(EVP_PKEY_CTX_new_from_name(nullptr, "ML-KEM-768", nullptr));
  EVP_PKEY* key = nullptr;
  EXPECT_EQ(EVP_PKEY_fromdata_init(context.get()), 1);
  EXPECT_EQ(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.data()), 1);
  return pkey_ptr(key);
}

// What a server makes of a client's encapsulation key.
struct encapsulation {
  octets ciphertext;
  octets secret;
};

encapsulation encapsulate(octet_view encapsulation_key) {
  const pkey_ptr key(EVP_PKEY_new_raw_public_key_ex(nullptr, "ML-KEM-768", nullptr, encapsulation_key.data(),
                                                    encapsulation_key.size()));
  const pkey_ctx_ptr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  encapsulation made{octets(ciphertext_size), octets(32)};
  std::size_t ciphertext_length = made.ciphertext.size();
  std::size_t secret_length = made.secret.size();
  EXPECT_EQ(EVP_PKEY_encapsulate_init(context.get(), nullptr), 1);
  EXPECT_EQ(EVP_PKEY_encapsulate(context.get(), made.ciphertext.data(), &ciphertext_length,
                                 made.secret.data(), &secret_length),
            1);
  EXPECT_EQ(ciphertext_length, made.ciphertext.size());
  EXPECT_EQ(secret_length, made.secret.size());
  return made;
}

octets joined(octet_view one, octet_view other) {
  octets both(one.begin(), one.end());
  both.insert(both.end(), other.begin(), other.end());
  return both;
}

// FIPS 203 sections 7.1 and 7.3, beside what another implementation made of the same seeds.
TEST(MlKem768, HasTheKnownAnswers) {
  const auto own = ml_kem_768(key_from_seed());
  EXPECT_EQ(hexadecimal(sha256(own->encapsulation_key())), answers::encapsulation_key_sha256);
  EXPECT_EQ(hexadecimal(own->decapsulate(from_hexadecimal(answers::ciphertext)).view()), answers::secret);
}

// FIPS 203 section 6.3: implicit rejection, by a secret that nobody else knows and that is always the same.
TEST(MlKem768, GivesAnotherSecretForACiphertextThatDoesNotFit) {
  const auto own = ml_kem_768(key_from_seed());
  auto changed = from_hexadecimal(answers::ciphertext);
  changed.front() ^= 1;
  EXPECT_EQ(hexadecimal(own->decapsulate(changed).view()), answers::secret_of_changed_ciphertext);
}

TEST(MlKem768X25519, AgreesWithAServer) {
  const auto own = agree_mlkem768x25519();
  ASSERT_EQ(own->public_value().size(), encapsulation_key_size + curve_size);
  const auto server = encapsulate(own->public_value().first(encapsulation_key_size));
  const auto server_curve = agree_x25519();
  const auto curve_secret = server_curve->agree(own->public_value().subspan(encapsulation_key_size));
  ASSERT_TRUE(curve_secret);

  const auto agreed = own->agree(joined(server.ciphertext, server_curve->public_value()));
  ASSERT_TRUE(agreed);
  EXPECT_TRUE(std::ranges::equal(agreed->view(), sha256(joined(server.secret, curve_secret->view()))));
}

TEST(MlKem768X25519, MakesAKeyOfItsOwnEachTime) {
  const auto one = agree_mlkem768x25519();
  const auto other = agree_mlkem768x25519();
  EXPECT_FALSE(std::ranges::equal(one->public_value().first(encapsulation_key_size),
                                  other->public_value().first(encapsulation_key_size)));
}

TEST(MlKem768X25519, RefusesWhatIsNotACiphertextAndAPoint) {
  const auto own = agree_mlkem768x25519();
  const auto point = agree_x25519();
  auto value = joined(octets(ciphertext_size), point->public_value());
  EXPECT_TRUE(own->agree(value));
  for (const std::size_t size : {std::size_t{0}, curve_size, ciphertext_size, value.size() - 1})
    EXPECT_FALSE(own->agree(octet_view(value).first(size))) << size;
  value.push_back(0);
  EXPECT_FALSE(own->agree(value));
  EXPECT_FALSE(own->agree(octets(ciphertext_size + curve_size))) << "a point of small order";
}

}  // namespace
}  // namespace tunnel::crypto
