#include "ssh/keys/certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "certificate_parts.hpp"
#include "crypto/base64.hpp"
#include "key_tools.hpp"
#include "ssh/keys/errors.hpp"
#include "ssh/keys/key_file.hpp"
#include "support/temporary_folder.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::keys {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t now = 1500;

certificate read(const octets& blob) {
  return parse_certificate(blob).value();
}

void expect_malformed(const certificate_parts& parts, const std::string& what) {
  const auto refused = parse_certificate(parts.blob());
  ASSERT_FALSE(refused) << what;
  EXPECT_EQ(refused.error().code, errc::malformed) << what;
}

void expect_no_good(const certificate& shown, const std::string& name, std::uint64_t time,
                    const testing::Matcher<std::string>& message) {
  const auto verdict = check_host_certificate(shown, name, time);
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().code, errc::not_valid);
  EXPECT_THAT(verdict.error().message, message);
}

TEST(Certificate, IsReadAndVerified) {
  certificate_parts parts;
  parts.principals = packed({"server.example", "*.other.example"});
  parts.critical_options = packed({"force-command", "x"});
  const auto shown = read(parts.blob());
  EXPECT_EQ(shown.type_name, "ssh-ed25519-cert-v01@openssh.com");
  EXPECT_EQ(shown.key_blob, ed25519_key(1).public_blob());
  EXPECT_EQ(shown.serial, 42U);
  EXPECT_EQ(shown.use, certificate::purpose::host);
  EXPECT_EQ(shown.key_id, "an id");
  EXPECT_THAT(shown.principals, ElementsAre("server.example", "*.other.example"));
  EXPECT_EQ(shown.valid_after, 1000U);
  EXPECT_EQ(shown.valid_before, 2000U);
  EXPECT_THAT(shown.critical_options, ElementsAre("force-command"));
  EXPECT_EQ(shown.authority_blob, ed25519_key(9).public_blob());
  EXPECT_EQ(shown.signature_algorithm, "ssh-ed25519");
  EXPECT_EQ(shown.unverified, "");
}

TEST(Certificate, BreaksOffAtNoOctet) {
  const auto whole = certificate_parts().blob();
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(parse_certificate(octet_view(whole).first(length))) << length;
  auto longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(parse_certificate(longer)) << "trailing octet";
}

TEST(Certificate, StandsOrFallsWithEachBit) {
  const auto whole = certificate_parts().blob();
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    auto changed = whole;
    changed[bit / 8] ^= static_cast<octet>(1U << (bit % 8));
    const auto shown = parse_certificate(changed);
    EXPECT_TRUE(!shown || !check_host_certificate(*shown, "server.example", now)) << bit;
  }
}

TEST(Certificate, RefusesPartsThatAreNone) {
  certificate_parts parts;
  parts.use = 0;
  expect_malformed(parts, "for nothing");
  parts.use = 3;
  expect_malformed(parts, "for something unknown");

  parts = {};
  parts.principals = {0xff, 0xff, 0xff, 0xff, 'a'};
  expect_malformed(parts, "a principal that is longer than the list");
  parts.principals = packed(std::vector<std::string>(257));
  expect_malformed(parts, "too many principals");

  parts = {};
  parts.critical_options = packed({"a name without a value"});
  expect_malformed(parts, "half an option");
  parts.critical_options = {0xff, 0xff, 0xff, 0xff};
  expect_malformed(parts, "a huge option");
  parts = {};
  parts.extensions = packed({"a", "b", "c"});
  expect_malformed(parts, "half an extension");

  parts = {};
  wire::writer(parts.key = {}).string(octets(31, 1));
  expect_malformed(parts, "a key that is too short");

  parts = {};
  parts.authority = {};
  expect_malformed(parts, "no authority");
}

TEST(Certificate, RefusesTypesThatAreNotKnown) {
  for (const std::string type : {"", "ssh-ed25519", "ssh-dss-cert-v01@openssh.com", "-cert-v01@openssh.com",
                                 "ssh-rsa-cert-v00@openssh.com", "rsa-sha2-512-cert-v01@openssh.com",
                                 "sk-ssh-ed25519-cert-v01@openssh.com"}) {
    certificate_parts parts;
    parts.type = type;
    const auto refused = parse_certificate(parts.blob());
    ASSERT_FALSE(refused) << type;
    EXPECT_EQ(refused.error().code, errc::unsupported) << type;
  }
}

TEST(Certificate, RefusesAnAuthorityThatIsACertificate) {
  certificate_parts parts;
  parts.authority = certificate_parts().blob();
  const auto refused = parse_certificate(parts.blob());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::malformed);
  EXPECT_THAT(refused.error().message, HasSubstr("itself a certificate"));
}

TEST(Certificate, RefusesAnothersSignature) {
  const auto refused = parse_certificate(certificate_parts().blob(ed25519_key(8), "ssh-ed25519"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::bad_signature);
  EXPECT_THAT(refused.error().message, HasSubstr("authority"));
}

TEST(Certificate, RefusesASignatureForAnotherCertificate) {
  auto blob = certificate_parts().to_be_signed();
  wire::writer(blob).string(ed25519_key(9).sign("ssh-ed25519", as_octets("other")).value());
  EXPECT_EQ(parse_certificate(blob).error().code, errc::bad_signature);
}

TEST(Certificate, IsForHosts) {
  certificate_parts parts;
  EXPECT_TRUE(check_host_certificate(read(parts.blob()), "server.example", now));
  parts.use = 1;
  expect_no_good(read(parts.blob()), "server.example", now, HasSubstr("user's"));
}

TEST(Certificate, HasItsTime) {
  const auto shown = read(certificate_parts().blob());
  expect_no_good(shown, "server.example", 0, HasSubstr("not valid before 1970-01-01 00:16 UTC"));
  expect_no_good(shown, "server.example", 999, HasSubstr("not valid before"));
  EXPECT_TRUE(check_host_certificate(shown, "server.example", 1000));
  EXPECT_TRUE(check_host_certificate(shown, "server.example", 1999));
  expect_no_good(shown, "server.example", 2000, HasSubstr("expired at 1970-01-01 00:33 UTC"));
  expect_no_good(shown, "server.example", ~std::uint64_t{0}, HasSubstr("expired"));

  certificate_parts forever;
  forever.valid_after = 0;
  forever.valid_before = ~std::uint64_t{0};
  EXPECT_TRUE(check_host_certificate(read(forever.blob()), "server.example", 0));
  forever.valid_after = ~std::uint64_t{0};
  expect_no_good(read(forever.blob()), "server.example", now, HasSubstr("9999-12-31"));
}

TEST(Certificate, NamesItsHosts) {
  certificate_parts parts;
  parts.principals = packed({"a.example", "*.wild.example", "10.0.0.?"});
  const auto shown = read(parts.blob());
  for (const std::string name : {"a.example", "x.wild.example", "10.0.0.1"})
    EXPECT_TRUE(check_host_certificate(shown, name, now)) << name;
  for (const std::string name : {"b.example", "a.example.org", "wild.example", "10.0.0.12", "A.example", ""})
    expect_no_good(shown, name, now, HasSubstr("but for a.example, *.wild.example, 10.0.0.?"));

  parts.principals = {};
  expect_no_good(read(parts.blob()), "server.example", now, HasSubstr("nobody"));
  parts.principals = packed({"\x1b[2J"});
  expect_no_good(read(parts.blob()), "server.example", now, testing::Not(HasSubstr("\x1b")));
}

TEST(Certificate, MayHaveExtensionsButNoCriticalOptions) {
  certificate_parts parts;
  parts.extensions = packed({"new@example.com", "value"});
  parts.reserved = {1, 2, 3};
  EXPECT_TRUE(check_host_certificate(read(parts.blob()), "server.example", now));
  parts.critical_options = packed({"new@example.com", ""});
  expect_no_good(read(parts.blob()), "server.example", now, HasSubstr("critical option new@example.com"));
}

class CertificateOfSshKeygen : public testing::Test {
 protected:
  // The certificate that the authority makes for a new key of a type.
  octets certify(const std::vector<std::string>& type, const std::vector<std::string>& how = {}) {
    key_ = make_key(folder_.path("key"), type);
    std::vector<std::string> arguments{"ssh-keygen",
                                       "-q",
                                       "-s",
                                       authority_,
                                       "-h",
                                       "-I",
                                       "an id",
                                       "-z",
                                       "42",
                                       "-n",
                                       "a.example,b.example",
                                       "-V",
                                       "always:forever"};
    arguments.insert(arguments.end(), how.begin(), how.end());
    arguments.push_back(key_ + ".pub");
    run(arguments);
    return public_half(key_ + "-cert");
  }

  support::temporary_folder folder_;
  std::string authority_;
  std::string key_;
};

TEST_F(CertificateOfSshKeygen, IsReadForEachType) {
  using list = std::vector<std::string>;
  for (const list& authority : {list{"-t", "ed25519"}, list{"-t", "ecdsa", "-b", "521"}}) {
    authority_ = make_key(folder_.path("authority" + authority[1]), authority);
    for (const list& type :
         {list{"-t", "ed25519"}, list{"-t", "ecdsa", "-b", "256"}, list{"-t", "ecdsa", "-b", "384"},
          list{"-t", "ecdsa", "-b", "521"}, list{"-t", "rsa", "-b", "2048"}}) {
      const auto shown = read(certify(type));
      EXPECT_EQ(shown.key_blob, public_half(key_));
      EXPECT_EQ(shown.authority_blob, public_half(authority_));
      EXPECT_EQ(shown.serial, 42U);
      EXPECT_EQ(shown.key_id, "an id");
      EXPECT_THAT(shown.principals, ElementsAre("a.example", "b.example"));
      EXPECT_TRUE(check_host_certificate(shown, "b.example", now));
      EXPECT_FALSE(check_host_certificate(shown, "c.example", now));
      run({"rm", key_, key_ + ".pub", key_ + "-cert.pub"});
    }
  }
}

TEST_F(CertificateOfSshKeygen, HoldsForRsaAuthoritiesButNotWithSha1) {
  authority_ = make_key(folder_.path("authority"), {"-t", "rsa", "-b", "2048"});
  for (const std::string algorithm : {"rsa-sha2-256", "rsa-sha2-512", "ssh-rsa"}) {
    const auto shown = read(certify({"-t", "ed25519"}, {"-t", algorithm}));
    EXPECT_EQ(shown.signature_algorithm, algorithm);
    if (algorithm == "ssh-rsa")
      expect_no_good(shown, "a.example", now, HasSubstr("ssh-rsa"));
    else
      EXPECT_TRUE(check_host_certificate(shown, "a.example", now));
    run({"rm", key_, key_ + ".pub", key_ + "-cert.pub"});
  }
}

TEST_F(CertificateOfSshKeygen, DoesNotHoldForSmallRsaAuthorities) {
  authority_ = make_key(folder_.path("authority"), {"-t", "rsa", "-b", "1024"});
  const auto shown = read(certify({"-t", "ed25519"}));
  expect_no_good(shown, "a.example", now, HasSubstr("2048"));
}

}  // namespace
}  // namespace tunnel::ssh::keys
