#include "ssh/keys/key_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "key_tools.hpp"
#include "ssh/keys/errors.hpp"
#include "ssh/keys/signature.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::ssh::keys {
namespace {

using support::content_of;

struct key_type {
  std::string name;
  std::vector<std::string> arguments;
  std::string type;
  std::vector<std::string> algorithms;
};

void PrintTo(const key_type& type, std::ostream* to) {
  *to << type.name;
}

result<private_key> decode(const std::string& path, const std::string& passphrase = "") {
  return decode_private_key(content_of(path), secret(std::string(passphrase)));
}

class KeyFile : public testing::TestWithParam<key_type> {
 protected:
  void expect_the_key(const std::string& path, const std::string& passphrase = "") {
    const auto key = decode(path, passphrase);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->type(), GetParam().type);
    EXPECT_EQ(key->public_blob(), public_half(path_));
    const auto data = as_octets("what is signed");
    for (const auto& algorithm : GetParam().algorithms) {
      const auto signature = key->sign(algorithm, data);
      ASSERT_TRUE(signature) << signature.error().message;
      const auto verified = verify_signature(algorithm, key->public_blob(), data, *signature);
      EXPECT_TRUE(verified) << verified.error().message;
      EXPECT_FALSE(verify_signature(algorithm, key->public_blob(), as_octets("other"), *signature));
    }
  }

  void expect_a_passphrase_is_needed() {
    const auto none = decode(path_);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, errc::wrong_passphrase);
    EXPECT_EQ(none.error().message, "the key needs a passphrase");
    const auto wrong = decode(path_, "wrong");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, errc::wrong_passphrase);
    EXPECT_EQ(wrong.error().message, "the passphrase is wrong");
  }

  support::temporary_folder folder_;
  std::string path_ = make_key(folder_.path("key"), GetParam().arguments);
};

TEST_P(KeyFile, IsReadInClear) {
  expect_the_key(path_);
  expect_the_key(path_, "not needed");
}

TEST_P(KeyFile, GivesItsSecretsAsOpenSshWritesThem) {
  const auto key = decode(path_);
  ASSERT_TRUE(key);
  const auto numbers = take_apart(content_of(path_)).numbers;
  EXPECT_TRUE(std::ranges::equal(key->secret_blob().view(), numbers));
}

TEST_P(KeyFile, IsReadWithEachCipherOfOpenSsh) {
  std::string old;
  for (const std::string cipher : {"aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-cbc", "aes192-cbc",
                                   "aes256-cbc", "aes128-gcm@openssh.com", "aes256-gcm@openssh.com"}) {
    SCOPED_TRACE(cipher);
    const std::string passphrase = "with " + cipher;
    change_form(path_, old, passphrase, {"-Z", cipher});
    old = passphrase;
    const auto container = unarmoured(content_of(path_));
    EXPECT_NE(as_text(container).find(cipher), std::string::npos);
    expect_the_key(path_, passphrase);
    expect_a_passphrase_is_needed();
  }
}

TEST_P(KeyFile, IsReadAsPemInClearAndEncrypted) {
  // ssh-keygen has no such forms for the others.
  if (GetParam().type == "ssh-ed25519") return;
  for (const std::string form : {"PEM", "PKCS8"}) {
    SCOPED_TRACE(form);
    change_form(path_, "", "", {"-m", form});
    EXPECT_EQ(content_of(path_).find("OPENSSH"), std::string::npos);
    expect_the_key(path_);
    change_form(path_, "", "secret words", {"-m", form});
    EXPECT_NE(content_of(path_).find("ENCRYPTED"), std::string::npos);
    expect_the_key(path_, "secret words");
    expect_a_passphrase_is_needed();
    change_form(path_, "secret words", "", {"-m", form});
  }
}

TEST_P(KeyFile, SignsByItsOwnAlgorithmsAlone) {
  const auto key = decode(path_);
  ASSERT_TRUE(key);
  for (const std::string algorithm :
       {"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-256",
        "rsa-sha2-512", "ssh-rsa", "ssh-dss", "", "rsa-sha2-512-cert-v01@openssh.com"}) {
    const auto& own = GetParam().algorithms;
    const bool expected = std::ranges::find(own, algorithm) != own.end();
    const auto signature = key->sign(algorithm, {});
    EXPECT_EQ(signature.has_value(), expected) << algorithm;
    if (!signature) {
      EXPECT_EQ(signature.error().code, errc::unsupported);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Types, KeyFile,
    testing::Values(
        key_type{"Ed25519", {"-t", "ed25519"}, "ssh-ed25519", {"ssh-ed25519"}},
        key_type{"EcdsaP256", {"-t", "ecdsa", "-b", "256"}, "ecdsa-sha2-nistp256", {"ecdsa-sha2-nistp256"}},
        key_type{"EcdsaP384", {"-t", "ecdsa", "-b", "384"}, "ecdsa-sha2-nistp384", {"ecdsa-sha2-nistp384"}},
        key_type{"EcdsaP521", {"-t", "ecdsa", "-b", "521"}, "ecdsa-sha2-nistp521", {"ecdsa-sha2-nistp521"}},
        key_type{"Rsa2048", {"-t", "rsa", "-b", "2048"}, "ssh-rsa", {"rsa-sha2-256", "rsa-sha2-512"}},
        key_type{"Rsa3072", {"-t", "rsa", "-b", "3072"}, "ssh-rsa", {"rsa-sha2-256", "rsa-sha2-512"}}),
    [](const auto& instance) { return instance.param.name; });

TEST(KeyFileRounds, AreGoneThroughAsTheFileSays) {
  const support::temporary_folder folder;
  const auto path = make_key(folder.path("key"), {"-t", "ed25519"});
  std::string old;
  for (const std::string rounds : {"1", "3", "16", "40"}) {
    const std::string passphrase = "passphrase " + rounds;
    run({"ssh-keygen", "-q", "-p", "-a", rounds, "-P", old, "-N", passphrase, "-f", path});
    old = passphrase;
    const auto key = decode(path, passphrase);
    ASSERT_TRUE(key) << rounds << ": " << key.error().message;
    EXPECT_EQ(key->public_blob(), public_half(path));
  }
}

TEST(KeyFileRounds, AreLimited) {
  const support::temporary_folder folder;
  const auto path = make_key(folder.path("key"), {"-t", "ed25519"}, "passphrase");
  const secret passphrase(std::string("passphrase"));
  EXPECT_TRUE(decode_private_key(content_of(path), passphrase, 2));
  const auto beyond = decode_private_key(content_of(path), passphrase, 1);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, errc::unsupported);
  EXPECT_EQ(beyond.error().message, "the file asks for 2 rounds of bcrypt; at most 1 are gone through");
}

TEST(KeyFileText, MayHaveCarriageReturnsAndLinesAround) {
  const support::temporary_folder folder;
  const auto path = make_key(folder.path("key"), {"-t", "ed25519"});
  std::string text = "a line before\r\n";
  for (const char c : content_of(path)) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  text += "a line behind\r\n";
  const auto key = decode_private_key(text, secret());
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->public_blob(), public_half(path));
}

}  // namespace
}  // namespace tunnel::ssh::keys
