#include "config/chosen_algorithms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support.hpp"

namespace tunnel::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const engine_algorithms engine = {
    .kex = {{"curve25519-sha256"}},
    .host_key = {{"ssh-ed25519", "rsa-sha2-512"}, {"ssh-rsa"}},
    .cipher = {{"aes128-ctr", "aes256-ctr"}},
    .mac = {{"hmac-sha2-256"}},
    .public_key = {{"ssh-ed25519", "rsa-sha2-256"}},
    .ca_signature = {{"ssh-ed25519"}},
};

TEST(ChosenAlgorithms, AreTheEnginesWhenTheUserSaysNothing) {
  settings given = settings_from("").value();
  const auto chosen = choose_algorithms(given, engine).value();
  EXPECT_THAT(chosen.kex, ElementsAre("curve25519-sha256"));
  EXPECT_THAT(chosen.host_key, ElementsAre("ssh-ed25519", "rsa-sha2-512"));
  EXPECT_THAT(chosen.cipher, ElementsAre("aes128-ctr", "aes256-ctr"));
  EXPECT_THAT(chosen.mac, ElementsAre("hmac-sha2-256"));
  EXPECT_THAT(chosen.public_key, ElementsAre("ssh-ed25519", "rsa-sha2-256"));
  EXPECT_THAT(chosen.ca_signature, ElementsAre("ssh-ed25519"));
  EXPECT_THAT(given.warnings, IsEmpty());
}

TEST(ChosenAlgorithms, EachFollowTheirOwnKeyword) {
  settings given = settings_from(
                       "Ciphers aes256-ctr\nHostKeyAlgorithms +ssh-*\nPubkeyAcceptedAlgorithms ^rsa-*\n"
                       "CASignatureAlgorithms ssh-ed25519\nMACs -umac*\n")
                       .value();
  const auto chosen = choose_algorithms(given, engine).value();
  EXPECT_THAT(chosen.cipher, ElementsAre("aes256-ctr"));
  EXPECT_THAT(chosen.host_key, ElementsAre("ssh-ed25519", "rsa-sha2-512", "ssh-rsa"));
  EXPECT_THAT(chosen.public_key, ElementsAre("rsa-sha2-256", "ssh-ed25519"));
  EXPECT_THAT(chosen.mac, ElementsAre("hmac-sha2-256"));
  EXPECT_THAT(given.warnings, IsEmpty());
}

TEST(ChosenAlgorithms, LeaveOutWhatTheEngineHasNotAndSaySo) {
  settings given =
      settings_from("Ciphers aes128-cbc,aes128-ctr\nKexAlgorithms +sntrup761x25519-sha512\n").value();
  const auto chosen = choose_algorithms(given, engine).value();
  EXPECT_THAT(chosen.cipher, ElementsAre("aes128-ctr"));
  EXPECT_THAT(chosen.kex, ElementsAre("curve25519-sha256"));
  EXPECT_THAT(given.warnings,
              ElementsAre("KexAlgorithms: \"sntrup761x25519-sha512\" is not implemented here and is left out",
                          "Ciphers: \"aes128-cbc\" is not implemented here and is left out"));
}

TEST(ChosenAlgorithms, WarnOfAMistakeInWhatIsRemoved) {
  settings given = settings_from("Ciphers -aes128-crt,3des-cbc,!aes256-*\n").value();
  const auto chosen = choose_algorithms(given, engine).value();
  EXPECT_THAT(chosen.cipher, ElementsAre("aes128-ctr", "aes256-ctr"));
  EXPECT_THAT(given.warnings, ElementsAre(HasSubstr("\"aes128-crt\" matches nothing")));
}

TEST(ChosenAlgorithms, NameTheKeywordThatLeavesNothing) {
  settings given = settings_from("MACs hmac-md5\n").value();
  const auto chosen = choose_algorithms(given, engine);
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().message, "MACs: \"hmac-md5\" has nothing that is implemented here");
}

TEST(ChosenAlgorithms, AreMentionedWhenAnEngineDoesNotHeedThem) {
  settings given = settings_from(
                       "Ciphers aes128-ctr\nCASignatureAlgorithms ssh-ed25519\nRekeyLimit default 1h\n"
                       "CertificateFile /a\n")
                       .value();
  warn_of_unheeded_choices(given);
  EXPECT_THAT(given.warnings, ElementsAre(HasSubstr("Ciphers is not"), HasSubstr("CASignatureAlgorithms"),
                                          HasSubstr("RekeyLimit"), HasSubstr("CertificateFile")));
  settings silent = settings_from("").value();
  warn_of_unheeded_choices(silent);
  EXPECT_THAT(silent.warnings, IsEmpty());
}

}  // namespace
}  // namespace tunnel::config
