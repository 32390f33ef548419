#include "crypto/verification_key.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "support/hexadecimal.hpp"

namespace tunnel::crypto {
namespace {

using support::from_hexadecimal;

// --- Ed25519 -----------------------------------------------------------------------------------------------

struct ed25519_vector {
  std::string_view point;
  std::string_view message;
  std::string_view signature;
};

// RFC 8032 section 7.1, tests 1 to 3.
constexpr ed25519_vector ed25519_vectors[] = {
    {"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f"
     "0595bbe24655141438e7a100b"},
    {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2ea"
     "eb4302aeeb00d291612bb0c00"},
    {"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e"
     "9716ed28dc027beceea1ec40a"},
};

TEST(Ed25519Verification, AgreesWithTheVectorsOfRfc8032) {
  for (const auto& each : ed25519_vectors) {
    SCOPED_TRACE(each.point);
    const auto key = verification_key::ed25519(from_hexadecimal(each.point));
    ASSERT_TRUE(key);
    const auto message = from_hexadecimal(each.message);
    EXPECT_TRUE(key->verify_ed25519(message, from_hexadecimal(each.signature)));
    EXPECT_FALSE(key->verify_ed25519(as_octets("another message"), from_hexadecimal(each.signature)));
  }
}

TEST(Ed25519Verification, FailsWhicheverBitOfASignatureIsChanged) {
  const auto& vector = ed25519_vectors[2];
  const auto key = verification_key::ed25519(from_hexadecimal(vector.point));
  ASSERT_TRUE(key);
  const auto message = from_hexadecimal(vector.message);
  const auto signature = from_hexadecimal(vector.signature);
  for (std::size_t bit = 0; bit < 8 * signature.size(); ++bit) {
    auto changed = signature;
    changed[bit / 8] = static_cast<octet>(changed[bit / 8] ^ (1U << bit % 8));
    EXPECT_FALSE(key->verify_ed25519(message, changed)) << bit;
  }
}

// RFC 8032 section 5.1.7: S is below the order of the group, so that a signature has one form alone.
TEST(Ed25519Verification, RefusesTheOtherFormOfASignature) {
  const auto& vector = ed25519_vectors[2];
  auto signature = from_hexadecimal(vector.signature);
  const auto order = from_hexadecimal("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const unsigned sum = signature[32 + i] + order[i] + carry;
    signature[32 + i] = static_cast<octet>(sum);
    carry = sum >> 8U;
  }
  const auto key = verification_key::ed25519(from_hexadecimal(vector.point));
  ASSERT_TRUE(key);
  EXPECT_FALSE(key->verify_ed25519(from_hexadecimal(vector.message), signature));
}

TEST(Ed25519Verification, HasKeysOf32OctetsAndSignaturesOf64) {
  for (const std::size_t size : {0U, 31U, 33U, 64U})
    EXPECT_FALSE(verification_key::ed25519(octets(size, 1))) << size;
  const auto& vector = ed25519_vectors[2];
  const auto key = verification_key::ed25519(from_hexadecimal(vector.point));
  ASSERT_TRUE(key);
  auto signature = from_hexadecimal(vector.signature);
  const auto message = from_hexadecimal(vector.message);
  EXPECT_FALSE(key->verify_ed25519(message, {}));
  EXPECT_FALSE(key->verify_ed25519(message, octet_view(signature).first(63)));
  signature.push_back(0);
  EXPECT_FALSE(key->verify_ed25519(message, signature));
}

TEST(Ed25519Verification, FailsForAPointThatIsNone) {
  // Not on the curve; found out when it is used.
  const auto key = verification_key::ed25519(octets(32, 0x02));
  if (!key) return;
  EXPECT_FALSE(key->verify_ed25519({}, from_hexadecimal(ed25519_vectors[0].signature)));
}

TEST(Ed25519Verification, MakesNoOtherKeysSignatures) {
  const auto key = verification_key::ed25519(from_hexadecimal(ed25519_vectors[0].point));
  ASSERT_TRUE(key);
  EXPECT_FALSE(key->verify_rsa(digest_algorithm::sha256, {}, octets(64, 1)));
  EXPECT_FALSE(key->verify_ecdsa(digest_algorithm::sha256, {}, octets(32, 1), octets(32, 1)));
}

// --- ECDSA -------------------------------------------------------------------------------------------------

struct ecdsa_vector {
  ec_curve curve;
  digest_algorithm digest;
  std::string_view x;
  std::string_view y;
  std::string_view r;
  std::string_view s;
  // Of the group, n.
  std::string_view order;
};

// RFC 6979 appendix A.2.5 to A.2.7, with SHA-2 of the curve's size, for "sample".
class EcdsaVerification : public testing::TestWithParam<ecdsa_vector> {
 protected:
  octets point_ = from_hexadecimal("04" + std::string(GetParam().x) + std::string(GetParam().y));
  std::optional<verification_key> key_ = verification_key::ecdsa(GetParam().curve, point_);
  octets r_ = from_hexadecimal(GetParam().r);
  octets s_ = from_hexadecimal(GetParam().s);

  [[nodiscard]] bool verifies(octet_view r, octet_view s, std::string_view data = "sample") const {
    return key_.value().verify_ecdsa(GetParam().digest, as_octets(data), r, s);
  }
};

TEST_P(EcdsaVerification, AgreesWithTheVectorsOfRfc6979) {
  ASSERT_TRUE(key_);
  EXPECT_TRUE(verifies(r_, s_));
  EXPECT_FALSE(verifies(r_, s_, "test"));
  EXPECT_FALSE(verifies(s_, r_));
}

TEST_P(EcdsaVerification, TakesNumbersWithLeadingZeros) {
  octets padded_r = r_;
  padded_r.insert(padded_r.begin(), 66 - padded_r.size(), 0);
  EXPECT_TRUE(verifies(padded_r, s_));
  padded_r.insert(padded_r.begin(), 0);
  EXPECT_FALSE(verifies(padded_r, s_)) << "longer than any curve has it";
}

// SEC 1 section 4.1.4: r and s are in [1, n - 1].
TEST_P(EcdsaVerification, RefusesNumbersOutsideTheGroup) {
  const auto order = from_hexadecimal(GetParam().order);
  EXPECT_FALSE(verifies({}, s_));
  EXPECT_FALSE(verifies(r_, {}));
  EXPECT_FALSE(verifies(octets{0}, s_));
  EXPECT_FALSE(verifies(r_, octets{0}));
  EXPECT_FALSE(verifies(octets{0}, octets{0}));
  EXPECT_FALSE(verifies(order, s_));
  EXPECT_FALSE(verifies(r_, order));
  EXPECT_FALSE(verifies(octets(order.size(), 0xff), s_));
  EXPECT_FALSE(verifies(r_, octets(order.size(), 0xff)));
}

TEST_P(EcdsaVerification, FailsWhicheverOctetOfASignatureIsChanged) {
  for (std::size_t i = 0; i < r_.size(); ++i) {
    auto changed = r_;
    changed[i] ^= 1;
    EXPECT_FALSE(verifies(changed, s_)) << i;
  }
  for (std::size_t i = 0; i < s_.size(); ++i) {
    auto changed = s_;
    changed[i] ^= 1;
    EXPECT_FALSE(verifies(r_, changed)) << i;
  }
}

TEST_P(EcdsaVerification, HasUncompressedPointsOnItsCurve) {
  for (const auto curve : {ec_curve::p256, ec_curve::p384, ec_curve::p521})
    EXPECT_EQ(verification_key::ecdsa(curve, point_).has_value(), curve == GetParam().curve);
  auto wrong = point_;
  wrong.back() ^= 1;
  EXPECT_FALSE(verification_key::ecdsa(GetParam().curve, wrong));
  EXPECT_FALSE(verification_key::ecdsa(GetParam().curve, {}));
  EXPECT_FALSE(verification_key::ecdsa(GetParam().curve, octets{0}));
  octets compressed(point_.begin(), point_.begin() + static_cast<std::ptrdiff_t>(1 + point_.size() / 2));
  compressed.front() = (point_.back() & 1U) == 0 ? 2 : 3;
  EXPECT_FALSE(verification_key::ecdsa(GetParam().curve, compressed));
  auto longer = point_;
  longer.push_back(0);
  EXPECT_FALSE(verification_key::ecdsa(GetParam().curve, longer));
  EXPECT_FALSE(verification_key::ecdsa(GetParam().curve, octet_view(point_).first(point_.size() - 1)));
}

INSTANTIATE_TEST_SUITE_P(
    Curves, EcdsaVerification,
    testing::Values(ecdsa_vector{ec_curve::p256, digest_algorithm::sha256,
                                 "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
                                 "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
                                 "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
                                 "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
                                 "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"},
                    ecdsa_vector{ec_curve::p384, digest_algorithm::sha384,
                                 "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea905"
                                 "5866064a254515480bc13",
                                 "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae"
                                 "0d4fe7344fd2533264720",
                                 "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e4"
                                 "4acf96e36dd1e80fabe46",
                                 "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786"
                                 "e679e7b82c71a38628ac8",
                                 "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b"
                                 "0a77aecec196accc52973"},
                    ecdsa_vector{ec_curve::p521, digest_algorithm::sha512,
                                 "01894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd371123d46e4"
                                 "5db6b5d5370a7f20fb633155d38ffa16d2bd761dcac474b9a2f5023a4",
                                 "00493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a28a0db25741"
                                 "b5b34a828008b22acc23f924faafbd4d33f81ea66956dfeaa2bfdfcf5",
                                 "c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee901"
                                 "7b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa",
                                 "617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5"
                                 "b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a",
                                 "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa5186878"
                                 "3bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"}),
    [](const auto& instance) { return "Curve" + std::to_string(static_cast<int>(instance.param.curve)); });

// --- RSA ---------------------------------------------------------------------------------------------------

// A key of 2048 bits and its signatures over "sample", made by Python's "cryptography".
constexpr std::string_view modulus =
    "998bb73295900d9f08b911dffbd887adb2cb4972325322b7eeb68f12110ba60c566324f8c6366a10f7c6848f43438720ba0ec468"
    "4164287753f43ffffce28c3e97b6d3725d6c08d8dec31ebccadffb2b3dd9c5e15c1a5befb2f3c449e7fbf0e4ac273f416abb457d"
    "a9d50666ca503fc4f8cccad05ead38763da5f7ebebad5dc85d9fbca4b0dd08edc831713fa8d688404e6a4627845f75acdad8ef4f"
    "5cbfd2cee7d0dfea5cfa66e020aca10e0a5d4cbf7b1a35bff9062a564e42f768414ed7831f3c690e6ab1e5e946058fe643d1910f"
    "25149bcf591915bc6963b670b725fd231bca2b48b2c14fe235385fcee7377486686a4e819c793b8d04e0ce9040848f35";
constexpr std::string_view with_sha256 =
    "136a6872b0c11b97604e7113be3fc79989f67bc190a9cbfa20d76a6de612134ea54e2e383945e1eabe5a5a62ea3355c164532045"
    "e359cfb32d495cb0639ba713d59a73e23fab93400a003a11bfd7f2557810a5d7c0d27a9862a3d7e26c32dc77f8c180f595fa9c62"
    "6ccd531686087bee90b6218b019c9c821347d20eca7b32e1d007014d2a052b072e2fd39f472167de9287f5aa89e628f13487d960"
    "235133a96d96b24bef83443db761c2213eeac5a77dc20ccef3cc80e6a37fc8fba21f1bf276157da635116782863501ba8676ead2"
    "47cec6fe9fec5a9e8e92e8d91e83cb62f65d1a674b16a0daa8a2b27d3f6a7d65a51c3b393af572bfe3e8b67bd8aae024";
constexpr std::string_view with_sha512 =
    "21c2142a5740302714b008765b542dd8496258cda28d695aef2bf69a0c81f333b820c3a781c4f6199ad67364e59ad1b5d56af3b7"
    "2a2062a147cc6bafc14244e441ab7c554b95aa3cc58424e8de476c5aaf9af0d2931900e48c0e676ef43fd8f26b4179a588574b96"
    "01ae7c2f09827b6aa21a7e051fd29a78823fed7999bc4189b7816d5dc11da38f912a7ac0a835520aa1130a747a0bb1b631deec55"
    "30883e979f905c9ff1482ee79ee671c29d2c387cff9d08b2ba1e116d8f8ffcc169b71478bb22c38b0008d421ec454010b2cdbb1f"
    "84e7931bac7acbc663eb51065a9c0c998db4948ca20a3f72ee96c01c3ac9e0dc5b0f9b941c10ca21ea7571b9d4d866fe";
// Over "216": it begins with a zero octet.
constexpr std::string_view with_leading_zero =
    "00685e4776f80cf40c01a81ef7f9ffaab676e218d11a84e2dbcbca67f11e2098564185341d19653b51a0520567ca3429932b6685"
    "a973906ef5898250ccb6cf558e18e4b6b04fd7cf5b8d0df1d40c3ee0e268e49d42f551d376fb7ae91d04edb930b0c4c3a13c66f4"
    "609c1744d391cd2c3acf9c7fc0ee81df1abdfecf6f118ed600a2092d2a2c76c7b076864bd50cdb7ac5956d6d6b2e85766a132e4c"
    "585419ef371c133a3abbe4d0632bda5d2a8e00b96efa8447622e0f3da25fb9ab5f3955bac94976e7e390e2499645ef4bb5b24341"
    "f6cb01e08baf6df7f536f531a1dedcb3f7569f14a7987e9cbef3b98ee113918c058ca51eecee26add6e224c0e0167956";

const octets exponent{1, 0, 1};

verification_key rsa_key() {
  return verification_key::rsa(from_hexadecimal(modulus), exponent).value();
}

TEST(RsaVerification, AgreesWithSignaturesMadeElsewhere) {
  const auto key = rsa_key();
  const auto data = as_octets("sample");
  EXPECT_TRUE(key.verify_rsa(digest_algorithm::sha256, data, from_hexadecimal(with_sha256)));
  EXPECT_TRUE(key.verify_rsa(digest_algorithm::sha512, data, from_hexadecimal(with_sha512)));
  EXPECT_FALSE(key.verify_rsa(digest_algorithm::sha512, data, from_hexadecimal(with_sha256)));
  EXPECT_FALSE(key.verify_rsa(digest_algorithm::sha256, as_octets("other"), from_hexadecimal(with_sha256)));
}

// RFC 8332 section 3.
TEST(RsaVerification, TakesASignatureWithoutItsLeadingZero) {
  const auto key = rsa_key();
  const auto signature = from_hexadecimal(with_leading_zero);
  ASSERT_EQ(signature.front(), 0);
  EXPECT_TRUE(key.verify_rsa(digest_algorithm::sha256, as_octets("216"), signature));
  EXPECT_TRUE(key.verify_rsa(digest_algorithm::sha256, as_octets("216"), octet_view(signature).subspan(1)));
}

TEST(RsaVerification, RefusesSignaturesThatAreNone) {
  const auto key = rsa_key();
  const auto data = as_octets("sample");
  auto signature = from_hexadecimal(with_sha256);
  EXPECT_FALSE(key.verify_rsa(digest_algorithm::sha256, data, {}));
  EXPECT_FALSE(key.verify_rsa(digest_algorithm::sha256, data, octets(signature.size())));
  EXPECT_FALSE(key.verify_rsa(digest_algorithm::sha256, data, octets(signature.size(), 0xff)));
  EXPECT_FALSE(key.verify_rsa(digest_algorithm::sha256, data, octet_view(signature).first(255)));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    auto changed = signature;
    changed[i] ^= 1;
    EXPECT_FALSE(key.verify_rsa(digest_algorithm::sha256, data, changed)) << i;
  }
  signature.insert(signature.begin(), 0);
  EXPECT_FALSE(key.verify_rsa(digest_algorithm::sha256, data, signature)) << "longer than the modulus";
}

octets number_of_bits(std::size_t bits) {
  octets number((bits + 7) / 8, 0xff);
  number.front() = static_cast<octet>(0xffU >> (8 * number.size() - bits));
  return number;
}

TEST(RsaVerification, TakesModuliOf2048To16384Bits) {
  EXPECT_FALSE(verification_key::rsa({}, exponent));
  EXPECT_FALSE(verification_key::rsa(number_of_bits(1024), exponent));
  EXPECT_FALSE(verification_key::rsa(number_of_bits(2047), exponent));
  EXPECT_TRUE(verification_key::rsa(number_of_bits(2048), exponent));
  EXPECT_TRUE(verification_key::rsa(number_of_bits(16384), exponent));
  EXPECT_FALSE(verification_key::rsa(number_of_bits(16385), exponent));
  EXPECT_FALSE(verification_key::rsa(number_of_bits(65536), exponent));
}

TEST(RsaVerification, RefusesEvenModuli) {
  auto even = number_of_bits(2048);
  even.back() = 0xfe;
  EXPECT_FALSE(verification_key::rsa(even, exponent));
}

TEST(RsaVerification, TakesOddExponentsOfThreeToEightOctets) {
  const auto n = from_hexadecimal(modulus);
  for (const auto& wrong : {octets{}, octets{0}, octets{1}, octets{2}, octets{1, 0, 0}, octets(9, 0xff)})
    EXPECT_FALSE(verification_key::rsa(n, wrong)) << support::hexadecimal(wrong);
  for (const auto& right : {octets{3}, octets{17}, octets{1, 0, 1}, octets(8, 0xff)})
    EXPECT_TRUE(verification_key::rsa(n, right)) << support::hexadecimal(right);
}

TEST(VerificationKey, CanBeMoved) {
  auto key = rsa_key();
  const auto moved = std::move(key);
  EXPECT_TRUE(moved.verify_rsa(digest_algorithm::sha256, as_octets("sample"), from_hexadecimal(with_sha256)));
}

}  // namespace
}  // namespace tunnel::crypto
