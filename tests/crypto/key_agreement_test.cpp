#include "crypto/key_agreement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "crypto/digest.hpp"
#include "support/hexadecimal.hpp"

namespace tunnel::crypto {
namespace {

using support::from_hexadecimal;
using support::hexadecimal;

octets owned(octet_view data) {
  return {data.begin(), data.end()};
}

void expect_agreement(key_agreement& one, key_agreement& other) {
  const auto first = one.agree(other.public_value());
  const auto second = other.agree(one.public_value());
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_FALSE(first->view().empty());
  EXPECT_TRUE(std::ranges::equal(first->view(), second->view()));
}

// --- X25519 ------------------------------------------------------------------------------------------------

TEST(X25519, GivesBothSidesTheSameSecret) {
  const auto one = agree_x25519();
  const auto other = agree_x25519();
  EXPECT_FALSE(std::ranges::equal(one->public_value(), other->public_value()));
  expect_agreement(*one, *other);
}

// RFC 7748 section 6.1: a public key is the scalar times the base point, whose u-coordinate is 9.
TEST(X25519, MultipliesTheBasePointIntoItsOwnPublicValue) {
  const auto own = agree_x25519();
  octets base_point(32);
  base_point[0] = 9;
  const auto product = own->agree(base_point);
  ASSERT_TRUE(product);
  EXPECT_TRUE(std::ranges::equal(product->view(), own->public_value()));
}

// RFC 7748 section 5: the last bit of a u-coordinate is passed over.
TEST(X25519, PassesOverTheHighestBitOfAPeersValue) {
  const auto own = agree_x25519();
  const auto peer = agree_x25519();
  auto value = owned(peer->public_value());
  const auto plain = own->agree(value);
  value.back() ^= 0x80;
  const auto marked = own->agree(value);
  ASSERT_TRUE(plain);
  ASSERT_TRUE(marked);
  EXPECT_TRUE(std::ranges::equal(plain->view(), marked->view()));
}

// RFC 7748 section 6.1, RFC 8731 section 3: points of small order give zeros whatever the scalar.
TEST(X25519, RefusesValuesThatMakeTheSecretZero) {
  for (const std::string_view point : {
           "0000000000000000000000000000000000000000000000000000000000000000",
           "0100000000000000000000000000000000000000000000000000000000000000",
           "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
           "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
           // p - 1, p and p + 1, and p with the bit that does not count.
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
       })
    EXPECT_FALSE(agree_x25519()->agree(from_hexadecimal(point))) << point;
}

TEST(X25519, TakesValuesOf32OctetsAlone) {
  const auto own = agree_x25519();
  for (const std::size_t size : {0U, 1U, 31U, 33U, 64U}) EXPECT_FALSE(own->agree(octets(size, 9))) << size;
}

// --- ECDH --------------------------------------------------------------------------------------------------

struct curve_case {
  ec_curve curve;
  std::size_t coordinate;
  // SEC 2's base point, and the field's prime.
  std::string_view base_point;
  std::string_view prime;
};

class Ecdh : public testing::TestWithParam<curve_case> {
 protected:
  std::unique_ptr<key_agreement> own_ = agree_ecdh(GetParam().curve);
  octets peer_ = owned(agree_ecdh(GetParam().curve)->public_value());
};

TEST_P(Ecdh, GivesBothSidesTheSameSecret) {
  const auto other = agree_ecdh(GetParam().curve);
  expect_agreement(*own_, *other);
}

TEST_P(Ecdh, SendsAnUncompressedPoint) {
  const auto point = own_->public_value();
  EXPECT_EQ(point.size(), 1 + 2 * GetParam().coordinate);
  EXPECT_EQ(point.front(), 4);
}

// The private scalar times the base point is the public point, whose x-coordinate the secret is.
TEST_P(Ecdh, MultipliesTheBasePointIntoItsOwnPublicValue) {
  const auto secret = own_->agree(from_hexadecimal(GetParam().base_point));
  ASSERT_TRUE(secret);
  EXPECT_TRUE(std::ranges::equal(secret->view(), own_->public_value().subspan(1, GetParam().coordinate)));
}

// RFC 5656 section 4: points are validated.
TEST_P(Ecdh, RefusesPointsThatAreNotOnTheCurve) {
  ASSERT_TRUE(own_->agree(peer_));
  auto off = peer_;
  off.back() ^= 1;
  EXPECT_FALSE(own_->agree(off));
  off = peer_;
  off[1] ^= 1;
  EXPECT_FALSE(own_->agree(off));
  octets zero(peer_.size());
  zero.front() = 4;
  EXPECT_FALSE(own_->agree(zero));
}

TEST_P(Ecdh, RefusesCoordinatesBeyondTheField) {
  octets beyond = peer_;
  std::ranges::copy(from_hexadecimal(GetParam().prime), beyond.begin() + 1);
  EXPECT_FALSE(own_->agree(beyond));
  octets largest(peer_.size(), 0xff);
  largest.front() = 4;
  EXPECT_FALSE(own_->agree(largest));
}

TEST_P(Ecdh, RefusesOtherFormsOfPoints) {
  // SEC 1 section 2.3.3: compressed, infinity, hybrid.
  auto compressed =
      octets(peer_.begin(), peer_.begin() + 1 + static_cast<std::ptrdiff_t>(GetParam().coordinate));
  compressed.front() = (peer_.back() & 1U) == 0 ? 2 : 3;
  EXPECT_FALSE(own_->agree(compressed));
  EXPECT_FALSE(own_->agree(octets{0}));
  EXPECT_FALSE(own_->agree(octets(peer_.size())));
  auto hybrid = peer_;
  hybrid.front() = (peer_.back() & 1U) == 0 ? 6 : 7;
  EXPECT_FALSE(own_->agree(hybrid));
}

TEST_P(Ecdh, RefusesOtherLengths) {
  EXPECT_FALSE(own_->agree({}));
  for (std::size_t size = 1; size < peer_.size(); ++size)
    EXPECT_FALSE(own_->agree(octet_view(peer_).first(size)));
  auto longer = peer_;
  longer.push_back(0);
  EXPECT_FALSE(own_->agree(longer));
}

TEST_P(Ecdh, RefusesAnotherCurvesPoints) {
  for (const auto curve : {ec_curve::p256, ec_curve::p384, ec_curve::p521})
    EXPECT_EQ(own_->agree(agree_ecdh(curve)->public_value()).has_value(), curve == GetParam().curve);
}

INSTANTIATE_TEST_SUITE_P(
    Curves, Ecdh,
    testing::Values(
        curve_case{ec_curve::p256, 32,
                   "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4"
                   "a7c0f9e162bce33576b315ececbb6406837bf51f5",
                   "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"},
        curve_case{ec_curve::p384, 48,
                   "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3"
                   "872760ab73617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d"
                   "7a431d7c90ea0e5f",
                   "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000f"
                   "fffffff"},
        curve_case{ec_curve::p521, 66,
                   "0400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1"
                   "dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449"
                   "579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
                   "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                   "fffffffffffffffffffffffffffffffffffffffffffff"}),
    [](const auto& instance) { return "Curve" + std::to_string(8 * instance.param.coordinate); });

// --- Diffie-Hellman ----------------------------------------------------------------------------------------

constexpr octet two = 2;
constexpr octet_view generator(&two, 1);
constexpr std::size_t private_bits = 256;

std::unique_ptr<key_agreement> agree_group14() {
  return agree_dh(modp_group14(), generator, private_bits);
}

// SHA-256 of the primes that RFC 3526 sections 3, 5 and 7 print, which begin and end alike.
TEST(DiffieHellman, HasThePrimesOfRfc3526) {
  struct group {
    octet_view prime;
    std::size_t size;
    std::string_view hash;
  };
  for (const group& each :
       {group{modp_group14(), 256, "d66436f79bbd6b2e38c0ffbd079be904d2641415e2e67140e09448be9a60890e"},
        group{modp_group16(), 512, "4ee95187682bcb230ad26a95205f6920e84708f6251b3894329b09ec23919e33"},
        group{modp_group18(), 1024, "39ab4feab950a3128fb71accb9fc3965d857012e081998a85996e3ea8b3c3bcf"}}) {
    EXPECT_EQ(each.prime.size(), each.size);
    EXPECT_EQ(hexadecimal(sha256(each.prime)), each.hash);
  }
}

TEST(DiffieHellman, GivesBothSidesTheSameSecret) {
  for (const auto prime : {modp_group14(), modp_group16(), modp_group18()}) {
    const auto one = agree_dh(prime, generator, private_bits);
    const auto other = agree_dh(prime, generator, private_bits);
    expect_agreement(*one, *other);
  }
}

TEST(DiffieHellman, WritesMagnitudesWithoutLeadingZeros) {
  const auto own = agree_group14();
  EXPECT_NE(own->public_value().front(), 0);
  const auto secret = own->agree(agree_group14()->public_value());
  ASSERT_TRUE(secret);
  EXPECT_NE(secret->view().front(), 0);
}

// RFC 4253 section 8, RFC 8270 and OpenSSH.
TEST(DiffieHellman, RefusesValuesAtTheEndsOfTheGroup) {
  const auto own = agree_group14();
  const auto prime = owned(modp_group14());
  auto last = prime;
  last.back() = static_cast<octet>(last.back() - 1);
  auto beyond = prime;
  beyond.back() = 0xff;
  beyond.front() = 0xff;
  EXPECT_FALSE(own->agree({}));
  EXPECT_FALSE(own->agree(octets{0}));
  EXPECT_FALSE(own->agree(octets{1}));
  EXPECT_FALSE(own->agree(last));
  EXPECT_FALSE(own->agree(prime));
  EXPECT_FALSE(own->agree(octets(prime.size(), 0xff)));
  EXPECT_FALSE(own->agree(octets(prime.size() + 1, 1)));
  EXPECT_FALSE(own->agree(octets(32768, 0xff)));
}

TEST(DiffieHellman, RefusesValuesWithFewBitsSet) {
  const auto own = agree_group14();
  EXPECT_FALSE(own->agree(octets{2}));
  EXPECT_FALSE(own->agree(octets{6}));
  EXPECT_FALSE(own->agree(octets{7}));
  octets three(200);
  three[0] = three[100] = three[199] = 0x10;
  EXPECT_FALSE(own->agree(three));
  EXPECT_TRUE(own->agree(octets{15}));
  three[50] = 0x01;
  EXPECT_TRUE(own->agree(three));
}

// A peer may choose the group (RFC 4419). In one whose generator's powers are all forbidden values there is
// no public value to be had, however long one tries.
TEST(DiffieHellman, MakesNothingOfAGroupWithoutUsefulPowers) {
  // 3^1293: every power of 3 with an exponent beyond that is 0.
  const auto power_of_three = from_hexadecimal(
      "028f87263018d29161496b7f6319830a437818409b09dc4fdb0076aa02bcb09186ea16787cb64e04550a5d793300b98c9a9a9b"
      "5c86886a776fecdb4c21749b9320a0623d665ff619933bb67be0e1e562ed69824f24a7d5958c95a688b5fc186249b870aed76c"
      "7f5d1beec5c173b324fe063a0755c616c9df5b117a2021c3c1853d5437415c57dd7980b5cfbb87809977d690939126bad380b4"
      "37e2f76f9cfc5b89bd4fd98076bbf60983a35037b57bf32cf0041f6a59f4207d76ec1f93076bfedbda8eab1c3a02dcc34b6ebd"
      "f2a9584327c0de394e90bca2fd3baea0111250cb3879ee540d37fdc000c5e0529d1e1cb38eee6e36465853c5c85c2506df9141"
      "dfd3");
  EXPECT_EQ(agree_dh(power_of_three, octets{3}, private_bits), nullptr);
  // p - 1 has the powers 1 and p - 1 alone.
  auto last = owned(modp_group14());
  last.back() = static_cast<octet>(last.back() - 1);
  EXPECT_EQ(agree_dh(modp_group14(), last, private_bits), nullptr);
}

}  // namespace
}  // namespace tunnel::crypto
