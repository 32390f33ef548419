#include "ssh/native/core/exchange_hash.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

#include "ssh/native/core/errors.hpp"
#include "support/hexadecimal.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {
namespace {

exchange_context context() {
  return {.client_identification = "SSH-2.0-tunnel_1.0",
          .server_identification = "SSH-2.0-server",
          .client_kexinit = {0x14, 'c', 'l', 'i', 'e', 'n', 't'},
          .server_kexinit = {0x14, 's', 'e', 'r', 'v', 'e', 'r'}};
}

// RFC 4253 section 8: each a string.
TEST(ExchangeHash, BeginsWithWhatBothSidesSaidAndTheHostKey) {
  EXPECT_EQ(tunnel::support::hexadecimal(begin_exchange_hash(context(), as_octets("host key"))),
            "000000125353482d322e302d74756e6e656c5f312e30"
            "0000000e5353482d322e302d736572766572"
            "0000000714636c69656e74"
            "0000000714736572766572"
            "00000008686f7374206b6579");
}

struct known {
  crypto::digest_algorithm hash;
  std::string_view value;
};

// Computed with Python's hashlib, for e = "e", f = "f" and K = 0x80112233.
TEST(ExchangeHash, AgreesWithKnownAnswers) {
  for (const known& each : {known{crypto::digest_algorithm::sha256,
                                  "517e4773a9cafab864aad6ee1ea4a9e65b4635ee5fad1ad3ea996d55cf76ee2c"},
                            known{crypto::digest_algorithm::sha384,
                                  "bd8bb8e574ae738f5a16798701f25578eb25a53d7d15daf9012afd6d16f102480fff3c6737"
                                  "fec529254bd16f7b478313"},
                            known{crypto::digest_algorithm::sha512,
                                  "4387dc4234df317af86c5c92dfcd542abfb164c2d0564a7bd239084f23deb1e45b9f48e0c4"
                                  "a19381b11d1446e01b2a0b8bfd39cc3ebeb228100be4eb926b1b2a"}}) {
    auto hashed = begin_exchange_hash(context(), as_octets("host key"));
    wire::writer(hashed).text("e").text("f");
    octets secret;
    wire::writer(secret).mpint(octets{0x80, 0x11, 0x22, 0x33});
    const auto outcome =
        finish_exchange(each.hash, std::move(hashed), crypto::secret_octets(std::move(secret)),
                        as_octets("host key"), as_octets("signature"));
    EXPECT_EQ(tunnel::support::hexadecimal(outcome.exchange_hash), each.value);
    EXPECT_EQ(outcome.hash, each.hash);
    EXPECT_EQ(as_text(outcome.host_key), "host key");
    EXPECT_EQ(as_text(outcome.signature), "signature");
    EXPECT_EQ(tunnel::support::hexadecimal(outcome.shared_secret.view()), "000000050080112233");
  }
}

TEST(ExchangeHash, HasErrorsThatSayWhoseFaultItIs) {
  EXPECT_EQ(unexpected_kex_message(octets{33}).code, errc::protocol_error);
  EXPECT_NE(unexpected_kex_message(octets{33}).message.find("33"), std::string::npos);
  EXPECT_EQ(malformed_kex_reply().code, errc::protocol_error);
  EXPECT_EQ(forbidden_kex_value().code, errc::key_exchange_failed);
}

}  // namespace
}  // namespace tunnel::ssh::native
