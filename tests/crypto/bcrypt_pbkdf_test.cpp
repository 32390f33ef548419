#include "crypto/bcrypt_pbkdf.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tunnel::crypto {
namespace {

using namespace std::string_view_literals;

std::string derived(std::string_view passphrase, std::string_view salt, std::uint32_t rounds,
                    std::size_t size) {
  octets key(size);
  bcrypt_pbkdf(as_octets(passphrase), as_octets(salt), rounds, key);
  std::string text;
  for (const octet value : key) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", value);
    text += two;
  }
  return text;
}

// The vectors of OpenBSD's regression tests.
TEST(BcryptPbkdf, AgreesWithThePublishedVectors) {
  EXPECT_EQ(derived("password", "salt", 4, 32),
            "5bbf0cc293587f1c3635555c27796598d47e579071bf427e9d8fbe842aba34d9");
  EXPECT_EQ(derived("password", "\0"sv, 4, 16), "c12b566235eee04c212598970a579a67");
  EXPECT_EQ(derived("\0"sv, "salt", 4, 16), "6051be18c2f4f82cbf0efee5471b4bb9");
  EXPECT_EQ(derived("password\0"sv, "salt\0"sv, 4, 32),
            "7410e44cf4fa07bfaac8a928b1727fac001375e7bf7384370f48efd121743050");
  EXPECT_EQ(derived("pass\0wor"sv, "sa\0l"sv, 4, 16), "c2bffd9db38f6569efef4372f4de83c0");
  EXPECT_EQ(derived("pass\0word"sv, "sa\0lt"sv, 4, 16), "4ba4ac3925c0e8d7f0cdb6bb1684a56f");
  EXPECT_EQ(derived("password", "salt", 8, 64),
            "e1367ec5151a33faac4cc1c144cd23fa15d5548493ecc99b9b5d9c0d3b27bec7"
            "6227ea66088b849b20ab7aa478010246e74bba51723fefa9f9474d6508845e8d");
  EXPECT_EQ(derived("password", "salt", 42, 16), "833cf0dcf56db65608e8f0dc0ce882bd");
}

TEST(BcryptPbkdf, FillsLengthsThatAreNoMultipleOfABlock) {
  // What is asked for decides how its octets are dealt out, so that a longer key does not begin with a
  // shorter.
  for (const std::size_t size : {1U, 31U, 33U, 48U, 65U}) {
    const auto key = derived("password", "salt", 1, size);
    EXPECT_EQ(key.size(), 2 * size);
    EXPECT_NE(key.substr(key.size() > 8 ? key.size() - 8 : 0), "00000000") << size;
  }
}

TEST(BcryptPbkdf, RefusesWhatItIsNotDefinedFor) {
  octets out(32);
  octets too_large(1025);
  const auto text = as_octets("text");
  EXPECT_THROW(bcrypt_pbkdf({}, text, 1, out), std::invalid_argument);
  EXPECT_THROW(bcrypt_pbkdf(text, {}, 1, out), std::invalid_argument);
  EXPECT_THROW(bcrypt_pbkdf(text, text, 0, out), std::invalid_argument);
  EXPECT_THROW(bcrypt_pbkdf(text, text, 1, {}), std::invalid_argument);
  EXPECT_THROW(bcrypt_pbkdf(text, text, 1, too_large), std::invalid_argument);
}

}  // namespace
}  // namespace tunnel::crypto
