#include "crypto/digest.hpp"

#include <gtest/gtest.h>

#include "support/hexadecimal.hpp"

namespace tunnel::crypto {
namespace {

using support::hexadecimal;

TEST(Digest, AgreesWithFips180) {
  EXPECT_EQ(hexadecimal(sha256(as_octets("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hexadecimal(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hexadecimal(sha1(as_octets("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Digest, AgreesWithTheHmacVectorsOfRfc2202) {
  EXPECT_EQ(hexadecimal(hmac_sha1(octets(20, 0x0b), as_octets("Hi There"))),
            "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(hexadecimal(hmac_sha1(as_octets("Jefe"), as_octets("what do ya want for nothing?"))),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(hexadecimal(hmac_sha1(octets(80, 0xaa),
                                  as_octets("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

TEST(Digest, ComputesAnHmacWithoutKeyOrData) {
  EXPECT_EQ(hexadecimal(hmac_sha1({}, {})), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}

}  // namespace
}  // namespace tunnel::crypto
