#include "crypto/signing_key.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "crypto/verification_key.hpp"
#include "support/hexadecimal.hpp"

namespace tunnel::crypto {
namespace {

using support::from_hexadecimal;

// RFC 8032 section 7.1, test 3.
TEST(SigningKey, SignsAsRfc8032Shows) {
  const auto key = signing_key::ed25519(
      from_hexadecimal("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->type(), signing_key::kind::ed25519);
  EXPECT_EQ(key->public_point(),
            from_hexadecimal("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"));
  EXPECT_EQ(key->sign(digest_algorithm::sha512, octets{0xaf, 0x82}),
            from_hexadecimal("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                             "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"));
}

TEST(SigningKey, TakesAnEd25519SeedOf32OctetsAlone) {
  for (const std::size_t size : {0U, 31U, 33U, 64U})
    EXPECT_FALSE(signing_key::ed25519(octets(size, 1))) << size;
}

struct key_on_curve {
  ec_curve curve;
  signing_key::kind kind;
  digest_algorithm digest;
  // RFC 6979 appendix A.2's keys.
  std::string_view scalar;
  std::string_view x;
  std::string_view y;
};

class EcdsaKey : public testing::TestWithParam<key_on_curve> {
 protected:
  octets scalar_ = from_hexadecimal(GetParam().scalar);
  octets point_ = from_hexadecimal("04" + std::string(GetParam().x) + std::string(GetParam().y));
};

TEST_P(EcdsaKey, MakesSignaturesThatItsPointVerifies) {
  const auto key = signing_key::ecdsa(GetParam().curve, point_, scalar_);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->type(), GetParam().kind);
  EXPECT_EQ(key->public_point(), point_);
  const auto verifier = verification_key::ecdsa(GetParam().curve, point_);
  ASSERT_TRUE(verifier);
  const auto data = as_octets("sample");
  const auto parts = signing_key::split_ecdsa(key->sign(GetParam().digest, data));
  EXPECT_TRUE(verifier->verify_ecdsa(GetParam().digest, data, parts.r, parts.s));
  EXPECT_FALSE(verifier->verify_ecdsa(GetParam().digest, as_octets("other"), parts.r, parts.s));
}

TEST_P(EcdsaKey, MustHaveAPointThatBelongsToItsScalar) {
  auto other = scalar_;
  other.back() ^= 1;
  EXPECT_FALSE(signing_key::ecdsa(GetParam().curve, point_, other));
  auto off_the_curve = point_;
  off_the_curve.back() ^= 1;
  EXPECT_FALSE(signing_key::ecdsa(GetParam().curve, off_the_curve, scalar_));
  EXPECT_FALSE(signing_key::ecdsa(GetParam().curve, {}, scalar_));
  EXPECT_FALSE(signing_key::ecdsa(GetParam().curve, octets{0}, scalar_));
  EXPECT_FALSE(signing_key::ecdsa(GetParam().curve, point_, {}));
  EXPECT_FALSE(signing_key::ecdsa(GetParam().curve, point_, octets(scalar_.size() + 1, 0xff)));
}

TEST_P(EcdsaKey, HasAPointOfItsOwnCurve) {
  for (const auto curve : {ec_curve::p256, ec_curve::p384, ec_curve::p521})
    EXPECT_EQ(signing_key::ecdsa(curve, point_, scalar_).has_value(), curve == GetParam().curve);
}

INSTANTIATE_TEST_SUITE_P(
    Curves, EcdsaKey,
    testing::Values(key_on_curve{ec_curve::p256, signing_key::kind::ecdsa_p256, digest_algorithm::sha256,
                                 "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
                                 "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
                                 "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"},
                    key_on_curve{ec_curve::p384, signing_key::kind::ecdsa_p384, digest_algorithm::sha384,
                                 "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8"
                                 "96d5724e4c70a825f872c9ea60d2edf5",
                                 "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"
                                 "def8f0ea9055866064a254515480bc13",
                                 "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1"
                                 "288b231c3ae0d4fe7344fd2533264720"},
                    key_on_curve{ec_curve::p521, signing_key::kind::ecdsa_p521, digest_algorithm::sha512,
                                 "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75"
                                 "caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b8"
                                 "3538",
                                 "01894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd"
                                 "371123d46e45db6b5d5370a7f20fb633155d38ffa16d2bd761dcac474b9a2f50"
                                 "23a4",
                                 "00493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a"
                                 "28a0db25741b5b34a828008b22acc23f924faafbd4d33f81ea66956dfeaa2bfd"
                                 "fcf5"}),
    [](const auto& instance) { return "Curve" + std::to_string(static_cast<int>(instance.param.curve)); });

TEST(SigningKey, TakesNoRsaNumbersThatMakeNoKey) {
  const octets one{1};
  const octets zero{};
  const octets odd(256, 0xff);
  EXPECT_FALSE(signing_key::rsa({odd, one, one, one, one, one}));
  EXPECT_FALSE(signing_key::rsa({odd, odd, odd, odd, odd, odd}));
  EXPECT_FALSE(signing_key::rsa({zero, zero, zero, zero, zero, zero}));
  EXPECT_FALSE(signing_key::rsa({odd, odd, odd, odd, odd, octets(3000, 0xff)}));
}

TEST(SigningKey, TellsWhyPemGivesNone) {
  using failure = signing_key::pem_failure;
  const auto reason = [](std::string_view text) {
    const auto read = signing_key::from_pem(text, secret());
    EXPECT_FALSE(read.key);
    return read.failure;
  };
  EXPECT_EQ(reason("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            failure::no_private_key);
  EXPECT_EQ(reason("text"), failure::no_private_key);
  EXPECT_EQ(reason(""), failure::malformed);
  EXPECT_EQ(reason("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), failure::malformed);
  EXPECT_EQ(reason("-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n"), failure::malformed);
  EXPECT_EQ(reason("-----BEGIN PRIVATE KEY-----\nAAAA\n"), failure::malformed);
  EXPECT_EQ(reason("-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n"),
            failure::unsupported);
}

TEST(SigningKey, CanBeMoved) {
  auto key = signing_key::ed25519(octets(32, 7));
  ASSERT_TRUE(key);
  const auto point = key->public_point();
  const signing_key moved = std::move(*key);
  EXPECT_EQ(moved.public_point(), point);
}

}  // namespace
}  // namespace tunnel::crypto
