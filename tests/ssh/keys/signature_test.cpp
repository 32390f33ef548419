#include "ssh/keys/signature.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "certificate_parts.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "key_tools.hpp"
#include "ssh/keys/errors.hpp"
#include "ssh/keys/key_file.hpp"
#include "support/temporary_folder.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::keys {
namespace {

using testing::HasSubstr;

octets owned(octet_view data) {
  return {data.begin(), data.end()};
}

struct signed_octets {
  std::string algorithm;
  octets key;
  octets data;
  octets signature;

  [[nodiscard]] result<void> verify() const { return verify_signature(algorithm, key, data, signature); }
};

void expect(errc code, const signed_octets& made, const std::string& what) {
  const auto refused = made.verify();
  ASSERT_FALSE(refused) << what;
  EXPECT_EQ(refused.error().code, code) << what << ": " << refused.error().message;
  EXPECT_FALSE(refused.error().message.empty());
}

// Signs a file as ssh-keygen -Y does (OpenSSH's PROTOCOL.sshsig), and gives what the key has signed.
signed_octets sign_with_ssh_keygen(const support::temporary_folder& folder, const std::string& key) {
  const auto message = folder.write("message", "a message");
  run({"rm", "-f", message + ".sig"});
  run({"ssh-keygen", "-q", "-Y", "sign", "-n", "test", "-f", key, message});
  auto text = support::content_of(message + ".sig");
  text = text.substr(text.find('\n') + 1, text.rfind("-----END") - text.find('\n') - 1);
  std::erase(text, '\n');
  const auto whole = crypto::base64_decode(text).value();
  wire::reader from(whole);
  from.raw(6).value();
  from.uint32().value();
  signed_octets made;
  made.key = owned(from.string().value());
  const auto space = from.text().value();
  const auto reserved = from.string().value();
  const auto hash = from.text().value();
  made.signature = owned(from.string().value());
  made.algorithm = wire::reader(made.signature).text().value();
  const auto algorithm =
      hash == "sha256" ? crypto::digest_algorithm::sha256 : crypto::digest_algorithm::sha512;
  wire::writer(made.data)
      .raw(as_octets("SSHSIG"))
      .text(space)
      .string(reserved)
      .text(hash)
      .string(crypto::digest(algorithm, as_octets("a message")));
  return made;
}

private_key key_of(const std::string& path) {
  return decode_private_key(support::content_of(path), secret(std::string())).value();
}

signed_octets sign(const private_key& key, const std::string& algorithm, octet_view data) {
  return {algorithm, key.public_blob(), owned(data), key.sign(algorithm, data).value()};
}

// A signature with a value of one's own.
octets signature_of(const std::string& algorithm, octet_view value) {
  octets signature;
  wire::writer(signature).text(algorithm).string(value);
  return signature;
}

octets pair_of(octet_view r, octet_view s) {
  octets value;
  wire::writer(value).string(r).string(s);
  return value;
}

octets value_of(octet_view signature) {
  wire::reader from(signature);
  from.string().value();
  return owned(from.string().value());
}

struct made_key {
  std::string algorithm;
  std::vector<std::string> type;
};

std::ostream& operator<<(std::ostream& out, const made_key& shown) {
  return out << shown.algorithm;
}

class Signature : public testing::TestWithParam<made_key> {
 protected:
  support::temporary_folder folder_;
  std::string file_ = make_key(folder_.path("key"), GetParam().type);
};

TEST_P(Signature, OfSshKeygenIsVerified) {
  const auto made = sign_with_ssh_keygen(folder_, file_);
  EXPECT_EQ(made.algorithm, GetParam().algorithm);
  EXPECT_TRUE(made.verify());
}

TEST_P(Signature, IsRefusedWithAnyBitFlipped) {
  const auto made = sign(key_of(file_), GetParam().algorithm, as_octets("data"));
  ASSERT_TRUE(made.verify());
  for (std::size_t bit = 0; bit < 8 * made.signature.size(); ++bit) {
    auto changed = made;
    changed.signature[bit / 8] ^= static_cast<octet>(1U << (bit % 8));
    EXPECT_FALSE(changed.verify()) << bit;
  }
  for (std::size_t bit = 0; bit < 8 * made.data.size(); ++bit) {
    auto changed = made;
    changed.data[bit / 8] ^= static_cast<octet>(1U << (bit % 8));
    expect(errc::bad_signature, changed, "data");
  }
}

TEST_P(Signature, BreaksOffAtNoOctet) {
  const auto made = sign(key_of(file_), GetParam().algorithm, as_octets("data"));
  for (std::size_t length = 0; length < made.signature.size(); ++length) {
    auto shorter = made;
    shorter.signature.resize(length);
    expect(errc::malformed, shorter, std::to_string(length));
  }
  auto longer = made;
  longer.signature.push_back(0);
  expect(errc::malformed, longer, "trailing octet");
  auto value = value_of(made.signature);
  value.push_back(0);
  longer.signature = signature_of(made.algorithm, value);
  EXPECT_FALSE(longer.verify()) << "trailing octet inside";
}

TEST_P(Signature, IsOneByTheAgreedAlgorithm) {
  const auto made = sign(key_of(file_), GetParam().algorithm, as_octets("data"));
  for (const auto algorithm : signature_algorithms()) {
    if (algorithm == made.algorithm) continue;
    auto other = made;
    other.algorithm = algorithm;
    expect(errc::bad_signature, other, "agreed: " + other.algorithm);
    other = made;
    other.signature = signature_of(std::string(algorithm), value_of(made.signature));
    expect(errc::bad_signature, other, "named: " + std::string(algorithm));
    other.algorithm = algorithm;
    EXPECT_FALSE(other.verify()) << "both: " << algorithm;
  }
  for (const std::string algorithm : {"ssh-rsa", "ssh-dss", "", "none", "ssh-ed25519-cert-v01@openssh.com"}) {
    auto other = made;
    other.algorithm = algorithm;
    other.signature = signature_of(algorithm, value_of(made.signature));
    expect(errc::unsupported, other, algorithm);
  }
}

TEST_P(Signature, IsOfTheKeyThatIsShown) {
  auto made = sign(key_of(file_), GetParam().algorithm, as_octets("data"));
  made.key = public_half(make_key(folder_.path("other"), GetParam().type));
  expect(errc::bad_signature, made, "another key");
  made.key = {};
  expect(errc::malformed, made, "no key");
}

INSTANTIATE_TEST_SUITE_P(, Signature,
                         testing::Values(made_key{"ssh-ed25519", {"-t", "ed25519"}},
                                         made_key{"ecdsa-sha2-nistp256", {"-t", "ecdsa", "-b", "256"}},
                                         made_key{"ecdsa-sha2-nistp384", {"-t", "ecdsa", "-b", "384"}},
                                         made_key{"ecdsa-sha2-nistp521", {"-t", "ecdsa", "-b", "521"}},
                                         made_key{"rsa-sha2-512", {"-t", "rsa", "-b", "2048"}}),
                         [](const auto& each) {
                           auto name = each.param.algorithm;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(RsaSignature, IsVerifiedWithSha256) {
  const support::temporary_folder folder;
  const auto key = key_of(make_key(folder.path("key"), {"-t", "rsa", "-b", "2048"}));
  EXPECT_TRUE(sign(key, "rsa-sha2-256", as_octets("data")).verify());
}

TEST(RsaSignature, MayLackLeadingZeros) {
  const support::temporary_folder folder;
  const auto key = key_of(make_key(folder.path("key"), {"-t", "rsa", "-b", "2048"}));
  // One in 256 begins with a zero.
  signed_octets made;
  octets value;
  for (std::uint32_t attempt = 0; value.empty() || value.front() != 0; ++attempt) {
    octets data;
    wire::writer(data).uint32(attempt);
    made = sign(key, "rsa-sha2-256", data);
    value = value_of(made.signature);
  }
  EXPECT_TRUE(made.verify());
  while (value.front() == 0) value.erase(value.begin());
  made.signature = signature_of(made.algorithm, value);
  EXPECT_TRUE(made.verify());
  value.insert(value.begin(), 257 - value.size(), 0);
  made.signature = signature_of(made.algorithm, value);
  EXPECT_FALSE(made.verify()) << "longer than the modulus";
  made.signature = signature_of(made.algorithm, {});
  EXPECT_FALSE(made.verify()) << "empty";
}

class EcdsaSignature : public testing::Test {
 protected:
  EcdsaSignature() {
    const private_key key = key_of(make_key(folder_.path("key"), {"-t", "ecdsa", "-b", "256"}));
    made_ = sign(key, "ecdsa-sha2-nistp256", as_octets("data"));
    const auto value = value_of(made_.signature);
    wire::reader from(value);
    r_ = owned(from.string().value());
    s_ = owned(from.string().value());
  }

  signed_octets with(octet_view r, octet_view s) const {
    auto other = made_;
    other.signature = signature_of(made_.algorithm, pair_of(r, s));
    return other;
  }

  support::temporary_folder folder_;
  signed_octets made_;
  octets r_;
  octets s_;
};

// The order of P-256's base point (SEC 2).
const octets order{0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff,
                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7,
                   0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

TEST_F(EcdsaSignature, HasNumbersFromOneToTheOrder) {
  EXPECT_TRUE(with(r_, s_).verify());
  expect(errc::bad_signature, with({}, s_), "r = 0");
  expect(errc::bad_signature, with(r_, {}), "s = 0");
  expect(errc::bad_signature, with({}, {}), "both 0");
  expect(errc::bad_signature, with(order, s_), "r = n");
  expect(errc::bad_signature, with(r_, order), "s = n");
  expect(errc::bad_signature, with(octets(70, 1), s_), "a huge r");
  expect(errc::bad_signature, with(r_, octets(100000, 1)), "a huge s");
}

TEST_F(EcdsaSignature, HasNumbersAsSshWritesThem) {
  auto padded = r_;
  padded.insert(padded.begin(), 0);
  expect(errc::malformed, with(padded, s_), "a zero too many in r");
  padded = s_;
  padded.insert(padded.begin(), 0);
  expect(errc::malformed, with(r_, padded), "a zero too many in s");
  expect(errc::malformed, with(octets{0x80}, s_), "a negative r");
  expect(errc::malformed, with(r_, octets{0xff}), "a negative s");
  auto other = made_;
  other.signature = signature_of(made_.algorithm, octets{0xff, 0xff, 0xff, 0xff, 1});
  expect(errc::malformed, other, "a huge length");
  other.signature = signature_of(made_.algorithm, {});
  expect(errc::malformed, other, "no numbers");
}

// What a security key does (OpenSSH's PROTOCOL.u2f), in software.
signed_octets sign_as_security_key(octet flags, std::uint32_t counter) {
  const auto key = crypto::signing_key::ed25519(octets(32, 5)).value();
  signed_octets made{"sk-ssh-ed25519@openssh.com", {}, owned(as_octets("data")), {}};
  wire::writer(made.key).text(made.algorithm).string(key.public_point()).text("ssh:");
  octets data;
  wire::writer(data)
      .raw(crypto::sha256(as_octets("ssh:")))
      .byte(flags)
      .uint32(counter)
      .raw(crypto::sha256(made.data));
  made.signature = signature_of(made.algorithm, key.sign(crypto::digest_algorithm::sha512, data));
  wire::writer(made.signature).byte(flags).uint32(counter);
  return made;
}

TEST(SecurityKeySignature, CoversFlagsCounterAndApplication) {
  const auto made = sign_as_security_key(1, 0x01020304);
  ASSERT_TRUE(made.verify());
  for (std::size_t bit = 0; bit < 8 * made.signature.size(); ++bit) {
    auto changed = made;
    changed.signature[bit / 8] ^= static_cast<octet>(1U << (bit % 8));
    EXPECT_FALSE(changed.verify()) << bit;
  }
  auto other = made;
  other.key.back() = 'x';
  expect(errc::bad_signature, other, "another application");
  for (std::size_t length = 0; length < made.signature.size(); ++length) {
    other = made;
    other.signature.resize(length);
    expect(errc::malformed, other, std::to_string(length));
  }
  other = made;
  other.signature.push_back(0);
  expect(errc::malformed, other, "trailing octet");
}

TEST(SignatureAlgorithm, HasAKeyType) {
  EXPECT_EQ(key_type_of("rsa-sha2-256"), "ssh-rsa");
  EXPECT_EQ(key_type_of("rsa-sha2-512"), "ssh-rsa");
  EXPECT_EQ(key_type_of("rsa-sha2-512-cert-v01@openssh.com"), "ssh-rsa-cert-v01@openssh.com");
  EXPECT_EQ(key_type_of("ssh-ed25519"), "ssh-ed25519");
  EXPECT_EQ(key_type_of("ssh-ed25519-cert-v01@openssh.com"), "ssh-ed25519-cert-v01@openssh.com");
  EXPECT_EQ(key_type_of("sk-ssh-ed25519@openssh.com"), "sk-ssh-ed25519@openssh.com");
}

TEST(SignatureAlgorithm, HasAPlainName) {
  EXPECT_EQ(plain_algorithm("ssh-ed25519-cert-v01@openssh.com"), "ssh-ed25519");
  EXPECT_EQ(plain_algorithm("rsa-sha2-256-cert-v01@openssh.com"), "rsa-sha2-256");
  EXPECT_EQ(plain_algorithm("sk-ssh-ed25519-cert-v01@openssh.com"), "sk-ssh-ed25519@openssh.com");
  EXPECT_EQ(plain_algorithm("sk-ecdsa-sha2-nistp256-cert-v01@openssh.com"),
            "sk-ecdsa-sha2-nistp256@openssh.com");
  EXPECT_EQ(plain_algorithm("ssh-ed25519"), "ssh-ed25519");
}

TEST(SignatureAlgorithm, MayBeForCertificates) {
  EXPECT_TRUE(is_certificate_algorithm("ssh-ed25519-cert-v01@openssh.com"));
  EXPECT_FALSE(is_certificate_algorithm("ssh-ed25519"));
  EXPECT_FALSE(is_certificate_algorithm("-cert-v01@openssh.com"));
  EXPECT_FALSE(is_certificate_algorithm("ssh-ed25519-cert-v01@openssh.com.evil"));
}

}  // namespace
}  // namespace tunnel::ssh::keys
