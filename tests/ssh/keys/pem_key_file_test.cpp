// Keys as OpenSSL writes them.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/base64.hpp"
#include "key_tools.hpp"
#include "ssh/keys/errors.hpp"
#include "ssh/keys/key_file.hpp"
#include "ssh/keys/signature.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::ssh::keys {
namespace {

using support::content_of;

class PemKeyFile : public testing::Test {
 protected:
  // openssl with the arguments, and what it writes.
  std::string openssl(std::vector<std::string> arguments) {
    const auto file = folder_.path("out");
    arguments.insert(arguments.begin(), "openssl");
    arguments.insert(arguments.end(), {"-out", file});
    run(arguments);
    return content_of(file);
  }

  std::string elliptic(const std::string& curve, const std::string& more = "ec_param_enc:named_curve") {
    return openssl(
        {"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + curve, "-pkeyopt", more});
  }

  std::string converted(const std::string& key, std::vector<std::string> arguments) {
    const auto file = folder_.write("in", key);
    arguments.insert(arguments.end(), {"-in", file});
    return openssl(std::move(arguments));
  }

  static error refusal(const std::string& text, const std::string& passphrase = "") {
    const auto key = decode_private_key(text, secret(std::string(passphrase)));
    return key ? error{} : key.error();
  }

  static bool signs(const std::string& text, const std::string& passphrase = "") {
    const auto key = decode_private_key(text, secret(std::string(passphrase)));
    if (!key) return false;
    const std::string algorithm = key->type() == "ssh-rsa" ? "rsa-sha2-256" : key->type();
    const auto data = as_octets("data");
    const auto signature = key->sign(algorithm, data);
    return signature && verify_signature(algorithm, key->public_blob(), data, *signature);
  }

  support::temporary_folder folder_;
};

TEST_F(PemKeyFile, HoldsEd25519AsRfc8410Shows) {
  const auto key = decode_private_key(
      "-----BEGIN PRIVATE KEY-----\n"
      "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
      "-----END PRIVATE KEY-----\n",
      secret());
  ASSERT_TRUE(key) << key.error().message;
  const auto point = crypto::base64_decode("Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=").value();
  EXPECT_TRUE(as_text(key->public_blob()).ends_with(as_text(point)));
  EXPECT_EQ(key->type(), "ssh-ed25519");
}

TEST_F(PemKeyFile, MayHaveItsPointCompressedOrLeftOut) {
  const auto plain = elliptic("P-256");
  const auto key = decode_private_key(plain, secret());
  ASSERT_TRUE(key);
  for (const std::vector<std::string>& form :
       {std::vector<std::string>{"ec"}, {"ec", "-conv_form", "compressed"}, {"ec", "-no_public"}}) {
    const auto text = converted(plain, form);
    EXPECT_NE(text.find("BEGIN EC PRIVATE KEY"), std::string::npos);
    const auto same = decode_private_key(text, secret());
    ASSERT_TRUE(same) << form.back() << ": " << same.error().message;
    EXPECT_EQ(same->public_blob(), key->public_blob()) << form.back();
    EXPECT_TRUE(signs(text));
  }
}

TEST_F(PemKeyFile, MayBeginWithTheCurve) {
  const auto text = openssl({"ecparam", "-name", "prime256v1", "-genkey"});
  ASSERT_TRUE(text.starts_with("-----BEGIN EC PARAMETERS-----"));
  EXPECT_TRUE(signs(text));
}

TEST_F(PemKeyFile, MayBeEncryptedByWhatTheDefaultProviderHas) {
  const auto plain = elliptic("P-384");
  for (const std::vector<std::string>& how : {std::vector<std::string>{"-v2", "aes-256-cbc"},
                                              {"-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA1"},
                                              {"-v2", "des3"},
                                              {"-v1", "PBE-SHA1-3DES"},
                                              {"-scrypt"}}) {
    std::vector<std::string> arguments{"pkcs8", "-topk8", "-passout", "pass:words"};
    arguments.insert(arguments.end(), how.begin(), how.end());
    const auto text = converted(plain, arguments);
    EXPECT_TRUE(signs(text, "words")) << how.back() << ": " << refusal(text, "words").message;
    EXPECT_EQ(refusal(text, "other").code, errc::wrong_passphrase) << how.back();
    EXPECT_EQ(refusal(text).message, "the key needs a passphrase") << how.back();
  }
  for (const std::string cipher : {"-aes128", "-aes256", "-des3"}) {
    const auto text = converted(plain, {"ec", cipher, "-passout", "pass:words"});
    EXPECT_TRUE(signs(text, "words")) << cipher;
    for (int i = 0; i < 8; ++i)
      EXPECT_EQ(refusal(text, "other" + std::to_string(i)).code, errc::wrong_passphrase) << cipher;
    EXPECT_EQ(refusal(text).message, "the key needs a passphrase") << cipher;
  }
}

TEST_F(PemKeyFile, MayNotCostMoreThanALittle) {
  const auto plain = elliptic("P-256");
  const auto encrypted = [&](std::vector<std::string> how) {
    how.insert(how.begin(), {"pkcs8", "-topk8", "-passout", "pass:words"});
    return converted(plain, how);
  };
  const auto changed = [](const std::string& text, octet_view from, octet_view to) {
    const auto begin = text.find('\n') + 1;
    const auto end = text.find("-----END");
    std::string base64 = text.substr(begin, end - begin);
    std::erase(base64, '\n');
    std::string data(as_text(crypto::base64_decode(base64).value()));
    const auto at = data.find(as_text(from));
    EXPECT_NE(at, std::string::npos);
    data.replace(at, from.size(), as_text(to));
    return text.substr(0, begin) + crypto::base64_encode(as_octets(data)) + "\n" + text.substr(end);
  };
  // INTEGERs: the iterations; N, r and p.
  const auto iterations = encrypted({"-v2", "aes-256-cbc", "-iter", "74565"});
  const auto refused =
      refusal(changed(iterations, octets{2, 3, 1, 0x23, 0x45}, octets{2, 3, 0x7f, 0xff, 0xff}), "words");
  EXPECT_EQ(refused.code, errc::unsupported);
  EXPECT_EQ(refused.message, "the file asks for too much work to make a key of its passphrase");
  const auto scrypt = encrypted({"-scrypt"});
  EXPECT_EQ(refusal(changed(scrypt, octets{2, 2, 0x40, 0, 2, 1, 8, 2, 1, 1},
                            octets{2, 2, 0x40, 0, 2, 1, 8, 2, 1, 0x7f}),
                    "words")
                .code,
            errc::unsupported);
}

TEST_F(PemKeyFile, IsRefusedWhenItIsOfNoUseForSsh) {
  const auto expect_unsupported = [](const std::string& what, const std::string& text,
                                     const std::string& passphrase = "") {
    const auto failure = refusal(text, passphrase);
    EXPECT_EQ(failure.code, errc::unsupported) << what << ": " << failure.message;
    EXPECT_NE(failure.message.find("Ed25519, ECDSA on NIST's curves, and RSA"), std::string::npos) << what;
  };
  expect_unsupported("X25519", openssl({"genpkey", "-algorithm", "X25519"}));
  expect_unsupported("Ed448", openssl({"genpkey", "-algorithm", "ED448"}));
  expect_unsupported("secp256k1", elliptic("secp256k1"));
  expect_unsupported("P-224", elliptic("P-224"));
  expect_unsupported("RSA-PSS",
                     openssl({"genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"}));
  const auto small = openssl({"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:512"});
  expect_unsupported("512 bits", small);
  expect_unsupported("512 bits, PKCS#1", converted(small, {"rsa", "-traditional"}));
  expect_unsupported("DSA", "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n");
}

TEST_F(PemKeyFile, IsRefusedWhenItIsDamaged) {
  const auto plain = openssl({"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"});
  for (const auto& text : {plain, converted(plain, {"rsa", "-traditional"}), elliptic("P-256")}) {
    for (std::size_t size = 0; size + 1 < text.size(); size += size < 64 ? 1 : 7)
      ASSERT_EQ(refusal(text.substr(0, size)).code, errc::malformed) << size;
    const auto begin = text.find('\n') + 1;
    const auto end = text.find("\n-----END");
    std::string base64 = text.substr(begin, end - begin);
    std::erase(base64, '\n');
    const auto good = crypto::base64_decode(base64).value();
    const auto whole = decode_private_key(text, secret());
    ASSERT_TRUE(whole);
    for (std::size_t at = 0; at < good.size(); ++at) {
      auto flipped = good;
      flipped[at] ^= 1;
      const auto key = decode_private_key(
          text.substr(0, begin) + crypto::base64_encode(flipped) + text.substr(end), secret());
      // Versions and the like may go unheeded.
      if (key) {
        ASSERT_EQ(key->public_blob(), whole->public_blob()) << at;
      }
    }
  }
}

TEST_F(PemKeyFile, IsRefusedWhenEncryptedByWhatIsNotThere) {
  auto text = converted(elliptic("P-256"), {"ec", "-aes128", "-passout", "pass:words"});
  const auto at = text.find("AES-128-CBC");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 11, "ROT-013-CBC");
  EXPECT_EQ(refusal(text, "words").code, errc::unsupported);
  text.replace(text.find("DEK-Info"), 8, "XXX-Info");
  EXPECT_EQ(refusal(text, "words").code, errc::malformed);
}

TEST_F(PemKeyFile, TakesPassphrasesOfAnyLength) {
  const auto plain = elliptic("P-256");
  const std::string long_one(900, 'x');
  EXPECT_TRUE(signs(converted(plain, {"ec", "-aes128", "-passout", "pass:" + long_one}), long_one));
  EXPECT_EQ(
      refusal(converted(plain, {"ec", "-aes128", "-passout", "pass:words"}), std::string(5000, 'x')).code,
      errc::wrong_passphrase);
}

// Of so many, some eight decrypt the key to something of the right form.
TEST_F(PemKeyFile, SaysOfEveryWrongPassphraseThatItIsWrong) {
  const auto key = converted(elliptic("P-256"), {"ec", "-aes128", "-passout", "pass:words"});
  for (int i = 0; i < 2000; ++i)
    ASSERT_EQ(refusal(key, "wrong " + std::to_string(i)).code, errc::wrong_passphrase) << i;
}

}  // namespace
}  // namespace tunnel::ssh::keys
