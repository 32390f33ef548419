#include "ssh/native/core/algorithms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "crypto/cpu.hpp"
#include "crypto/key_agreement.hpp"
#include "ssh/native/core/key_exchange.hpp"
#include "ssh/native/core/packet_cipher.hpp"

namespace tunnel::ssh::native {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

std::vector<std::string_view> everything() {
  std::vector<std::string_view> names;
  for (const auto& list : {kex_algorithms(), host_key_algorithms(), cipher_algorithms(), mac_algorithms(),
                           user_key_algorithms(), authority_algorithms()})
    names.insert(names.end(), list.begin(), list.end());
  return names;
}

// RFC 9142 section 4, RFC 8332, RFC 8758.
TEST(Algorithms, AreNoneThatOneShouldNotUse) {
  for (const auto name : everything()) {
    for (const auto* part : {"sha1", "md5", "cbc", "arcfour", "3des", "dss", "none", "group1-", "gss-"})
      EXPECT_EQ(name.find(part), name.npos) << name;
    EXPECT_FALSE(name.starts_with("ssh-rsa")) << "it signs with SHA-1";
  }
}

// RFC 4251 section 6: at most 64 printable octets, without commas.
TEST(Algorithms, HaveNamesThatTheRfcAllows) {
  for (const auto name : everything()) {
    EXPECT_LE(name.size(), 64U) << name;
    EXPECT_FALSE(name.empty());
    for (const char each : name) EXPECT_TRUE(each > ' ' && each <= '~' && each != ',') << name;
  }
}

TEST(Algorithms, AreListedOnce) {
  for (const auto& list : {kex_algorithms(), host_key_algorithms(), cipher_algorithms(), mac_algorithms(),
                           user_key_algorithms(), authority_algorithms()})
    EXPECT_EQ(std::set<std::string_view>(list.begin(), list.end()).size(), list.size());
}

TEST(Algorithms, CanAllBeMade) {
  for (const auto name : kex_algorithms()) EXPECT_NE(make_key_exchange(name, {}), nullptr) << name;
  for (const auto name : cipher_algorithms()) EXPECT_TRUE(sizes_of_cipher(name)) << name;
  for (const auto name : mac_algorithms()) EXPECT_TRUE(key_size_of_mac(name)) << name;
}

// AES in software tells about its key by its timing.
TEST(Algorithms, BeginWithTheCipherThatSuitsTheProcessor) {
  EXPECT_EQ(cipher_algorithms().front(),
            crypto::has_aes_instructions() ? "aes128-gcm@openssh.com" : "chacha20-poly1305@openssh.com");
}

TEST(Algorithms, HaveTheHybridMethodWhereLibcryptoHasIt) {
  const auto names = kex_algorithms();
  if (crypto::mlkem768_available()) {
    EXPECT_EQ(names.front(), "mlkem768x25519-sha256");
  } else {
    EXPECT_THAT(names, Not(Contains(std::string_view("mlkem768x25519-sha256"))));
  }
}

TEST(Algorithms, TakeSecurityKeysForUsersAlone) {
  const std::string_view name = "sk-ssh-ed25519@openssh.com";
  EXPECT_THAT(user_key_algorithms(), Contains(name));
  EXPECT_THAT(host_key_algorithms(), Not(Contains(name)));
}

TEST(Algorithms, AreAllOfferedByDefault) {
  const auto offered = default_preferences();
  EXPECT_EQ(offered.kex.size(), kex_algorithms().size());
  EXPECT_EQ(offered.host_key.size(), host_key_algorithms().size());
  EXPECT_EQ(offered.cipher.size(), cipher_algorithms().size());
  EXPECT_EQ(offered.mac.size(), mac_algorithms().size());
  EXPECT_EQ(default_user_key_algorithms().size(), user_key_algorithms().size());
}

TEST(Algorithms, OfKnownKeysGoFirstAndTheOthersStayInOrder) {
  const std::vector<std::string> offered{"ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512",
                                         "rsa-sha2-256"};
  const std::vector<std::string> rsa{"ssh-rsa"};
  EXPECT_THAT(prefer_key_types(offered, rsa),
              ElementsAre("rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519", "ecdsa-sha2-nistp256"));
  const std::vector<std::string> two{"ecdsa-sha2-nistp256", "ssh-ed25519"};
  EXPECT_THAT(prefer_key_types(offered, two),
              ElementsAre("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256"));
  EXPECT_EQ(prefer_key_types(offered, {}), offered);
  const std::vector<std::string> unknown{"ssh-unknown"};
  EXPECT_EQ(prefer_key_types(offered, unknown), offered);
}

}  // namespace
}  // namespace tunnel::ssh::native
