#include "crypto/base64.hpp"

#include <gtest/gtest.h>

namespace tunnel::crypto {
namespace {

struct sample {
  std::string_view plain;
  std::string_view encoded;
};

// RFC 4648 §10.
constexpr sample samples[] = {{"", ""},
                              {"f", "Zg=="},
                              {"fo", "Zm8="},
                              {"foo", "Zm9v"},
                              {"foob", "Zm9vYg=="},
                              {"fooba", "Zm9vYmE="},
                              {"foobar", "Zm9vYmFy"}};

TEST(Base64, EncodesAndDecodesTheVectorsOfRfc4648) {
  for (const auto& [plain, encoded] : samples) {
    EXPECT_EQ(base64_encode(as_octets(plain)), encoded);
    const auto decoded = base64_decode(encoded);
    ASSERT_TRUE(decoded) << encoded;
    EXPECT_EQ(as_text(*decoded), plain);
  }
}

TEST(Base64, KeepsEveryOctetAtEveryLength) {
  octets data;
  for (int value = 0; value < 300; ++value) {
    const auto decoded = base64_decode(base64_encode(data));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, data);
    data.push_back(static_cast<octet>(value));
  }
}

TEST(Base64, RefusesWhatIsNoEncoding) {
  for (const std::string_view text :
       {"Z", "Zg", "Zg=", "Zg===", "====", "=", "Zg==Zg==", "Z=g=", "Zm9v\n", " Zg==", "Zg= ", "Zm-v", "Zm_v",
        "Zm.v", "Zh==", "Zm9=", "Z\x80g=", "Zm9vYg==\n"})
    EXPECT_FALSE(base64_decode(text)) << text;
}

}  // namespace
}  // namespace tunnel::crypto
