#include "crypto/mac.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/hexadecimal.hpp"

namespace tunnel::crypto {
namespace {

using support::from_hexadecimal;
using support::hexadecimal;

struct hmac_vector {
  octets key;
  std::string data;
  std::string_view sha256;
  std::string_view sha384;
  std::string_view sha512;
};

std::size_t size_of(digest_algorithm algorithm) {
  return digest(algorithm, {}).size();
}

std::string hmac_of(digest_algorithm algorithm, octet_view key, std::initializer_list<octet_view> parts) {
  octets out(size_of(algorithm));
  hmac(algorithm, key).compute(parts, out);
  return hexadecimal(out);
}

// RFC 4231 sections 4.2 to 4.8, but for 4.6, which is about truncation.
std::vector<hmac_vector> rfc4231() {
  return {
      {octets(20, 0x0b), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
       "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
       "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d9"
       "14eeb61f1702e696c203a126854"},
      {from_hexadecimal("4a656665"), "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
       "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
       "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab"
       "1a34d4a6b4b636e070a38bce737"},
      {octets(20, 0xaa), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
       "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
       "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a"
       "337bee8942674278859e13292fb"},
      {from_hexadecimal("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
       "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e6801dd23c4a7d679ccf8a386c674cffb",
       "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc5788063a5f19"
       "741120c4f2de2adebeb10a298dd"},
      {octets(131, 0xaa), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
       "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
       "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64"
       "f73f63f0aec8b915a985d786598"},
      {octets(131, 0xaa),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs "
       "to be hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
       "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e6110c46523e",
       "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4de1513467"
       "6fb6de0446065c97440fa8c6a58"},
  };
}

TEST(Hmac, AgreesWithTheVectorsOfRfc4231) {
  for (const auto& each : rfc4231()) {
    SCOPED_TRACE(each.data);
    const auto data = as_octets(each.data);
    EXPECT_EQ(hmac_of(digest_algorithm::sha256, each.key, {data}), each.sha256);
    EXPECT_EQ(hmac_of(digest_algorithm::sha384, each.key, {data}), each.sha384);
    EXPECT_EQ(hmac_of(digest_algorithm::sha512, each.key, {data}), each.sha512);
  }
}

TEST(Hmac, ServesManyMessagesUnderOneKey) {
  hmac mac(digest_algorithm::sha256, as_octets("Jefe"));
  for (int i = 0; i < 3; ++i) {
    octets out(32);
    mac.compute({as_octets("what do ya want for nothing?")}, out);
    EXPECT_EQ(hexadecimal(out), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    mac.compute({as_octets("another message")}, out);
  }
}

TEST(Hmac, TakesTheMessageInParts) {
  EXPECT_EQ(hmac_of(digest_algorithm::sha256, as_octets("Jefe"),
                    {as_octets("what do ya "), {}, as_octets("want for nothing?")}),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

// RFC 8439 section 2.5.2.
TEST(Poly1305, AgreesWithTheVectorOfRfc8439) {
  poly1305 mac;
  const auto key = from_hexadecimal("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b");
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(hexadecimal(mac.compute(key, as_octets("Cryptographic Forum Research Group"))),
              "a8061dc1305136c6c22b8baf0c0127a9");
}

TEST(Poly1305, DependsOnItsKey) {
  poly1305 mac;
  EXPECT_NE(mac.compute(octets(32, 1), octets(10)), mac.compute(octets(32, 2), octets(10)));
}

TEST(EqualInConstantTime, ComparesEveryOctetAndTheLength) {
  const octets one(33, 5);
  EXPECT_TRUE(equal_in_constant_time(one, octets(33, 5)));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
  EXPECT_FALSE(equal_in_constant_time(one, octets(32, 5)));
  EXPECT_FALSE(equal_in_constant_time(one, {}));
  for (std::size_t i = 0; i < one.size(); ++i) {
    auto other = one;
    other[i] ^= 0x80;
    EXPECT_FALSE(equal_in_constant_time(one, other)) << i;
  }
}

}  // namespace
}  // namespace tunnel::crypto
