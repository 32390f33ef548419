#include "ssh/keys/public_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "key_tools.hpp"
#include "ssh/keys/errors.hpp"
#include "support/temporary_folder.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::keys {
namespace {

using testing::HasSubstr;

octets ed25519(const octets& point = octets(32, 7)) {
  octets blob;
  wire::writer(blob).text("ssh-ed25519").string(point);
  return blob;
}

octets rsa(const octets& exponent, const octets& modulus) {
  octets blob;
  wire::writer(blob).text("ssh-rsa").mpint(exponent).mpint(modulus);
  return blob;
}

// Odd, and with the topmost bit set.
octets modulus_of(std::size_t bits) {
  octets modulus(bits / 8, 0xa5);
  return modulus;
}

octets ecdsa(const std::string& type, const std::string& curve, octet_view point) {
  octets blob;
  wire::writer(blob).text(type).text(curve).string(point);
  return blob;
}

// A point on P-256, made by ssh-keygen.
octets point_of(octet_view blob) {
  wire::reader from(blob);
  from.string().value();
  from.string().value();
  const auto point = from.string().value();
  return {point.begin(), point.end()};
}

void expect(errc code, const octets& blob, const std::string& what) {
  const auto refused = parse_public_key(blob);
  ASSERT_FALSE(refused) << what;
  EXPECT_EQ(refused.error().code, code) << what;
  EXPECT_FALSE(refused.error().message.empty());
}

const octets f4{1, 0, 1};

TEST(PublicKey, ReadsWhatSshKeygenMakes) {
  const support::temporary_folder folder;
  const std::vector<std::pair<std::string, std::vector<std::string>>> types{
      {"ssh-ed25519", {"-t", "ed25519"}},
      {"ecdsa-sha2-nistp256", {"-t", "ecdsa", "-b", "256"}},
      {"ecdsa-sha2-nistp384", {"-t", "ecdsa", "-b", "384"}},
      {"ecdsa-sha2-nistp521", {"-t", "ecdsa", "-b", "521"}},
      {"ssh-rsa", {"-t", "rsa", "-b", "2048"}}};
  for (const auto& [type, arguments] : types) {
    const auto blob = public_half(make_key(folder.path(type), arguments));
    const auto key = parse_public_key(blob);
    ASSERT_TRUE(key) << type;
    EXPECT_EQ(key->type, type);
    for (std::size_t length = 0; length < blob.size(); ++length)
      EXPECT_FALSE(parse_public_key(octet_view(blob).first(length))) << type << ' ' << length;
    auto longer = blob;
    longer.push_back(0);
    expect(errc::malformed, longer, type + " with an octet behind it");
  }
}

TEST(PublicKey, RefusesOtherLengthsForEd25519) {
  EXPECT_TRUE(parse_public_key(ed25519()));
  for (const std::size_t size : {0U, 31U, 33U, 64U}) expect(errc::malformed, ed25519(octets(size, 7)), "");
}

TEST(PublicKey, RefusesPointsThatAreNotOnTheirCurve) {
  const support::temporary_folder folder;
  const auto point = point_of(public_half(make_key(folder.path("key"), {"-t", "ecdsa", "-b", "256"})));
  const std::string p256 = "ecdsa-sha2-nistp256";
  EXPECT_TRUE(parse_public_key(ecdsa(p256, "nistp256", point)));
  expect(errc::malformed, ecdsa(p256, "nistp384", point), "another curve's name");
  expect(errc::malformed, ecdsa(p256, "", point), "no curve");
  expect(errc::malformed, ecdsa("ecdsa-sha2-nistp384", "nistp384", point), "a point of another curve");
  expect(errc::malformed, ecdsa(p256, "nistp256", octets{0}), "infinity");
  expect(errc::malformed, ecdsa(p256, "nistp256", {}), "no point");
  for (std::size_t i = 1; i < point.size(); i += 13) {
    auto off = point;
    off[i] ^= 1U;
    expect(errc::malformed, ecdsa(p256, "nistp256", off), "off the curve");
  }
  auto longer = point;
  longer.push_back(0);
  expect(errc::malformed, ecdsa(p256, "nistp256", longer), "too long");
  auto hybrid = point;
  hybrid[0] = static_cast<octet>(6U + (point.back() & 1U));
  expect(errc::malformed, ecdsa(p256, "nistp256", hybrid), "hybrid form");
  octets compressed(point.begin(), point.begin() + 33);
  compressed[0] = static_cast<octet>(2U + (point.back() & 1U));
  expect(errc::malformed, ecdsa(p256, "nistp256", compressed), "compressed form");
}

TEST(PublicKey, LimitsRsa) {
  EXPECT_TRUE(parse_public_key(rsa(f4, modulus_of(2048))));
  EXPECT_TRUE(parse_public_key(rsa({3}, modulus_of(16384))));
  expect(errc::unsupported, rsa(f4, modulus_of(2040)), "too small");
  expect(errc::unsupported, rsa(f4, modulus_of(16392)), "too large");
  expect(errc::unsupported, rsa(f4, {}), "zero");
  expect(errc::unsupported, rsa({}, modulus_of(2048)), "exponent 0");
  expect(errc::unsupported, rsa({1}, modulus_of(2048)), "exponent 1");
  expect(errc::unsupported, rsa({2}, modulus_of(2048)), "even exponent");
  expect(errc::unsupported, rsa(octets(9, 0xff), modulus_of(2048)), "huge exponent");
  auto even = modulus_of(2048);
  even.back() &= 0xfeU;
  expect(errc::unsupported, rsa(f4, even), "even modulus");
}

TEST(PublicKey, CountsTheBitsOfRsaKeysAlone) {
  EXPECT_EQ(rsa_bits(rsa(f4, modulus_of(2048))), 2048U);
  EXPECT_EQ(rsa_bits(rsa(f4, {0x01, 0xff})), 9U);
  EXPECT_EQ(rsa_bits(rsa(f4, {})), 0U);
  octets other;
  wire::writer(other).text("ssh-ed25519").string(octets(32, 1));
  EXPECT_EQ(rsa_bits(other), 0U);
  EXPECT_EQ(rsa_bits({}), 0U);
}

TEST(PublicKey, RefusesHugeRsaAtOnce) {
  const auto begin = std::chrono::steady_clock::now();
  const auto refused = parse_public_key(rsa(modulus_of(65536), modulus_of(65536)));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(200));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("65536"));
}

TEST(PublicKey, RefusesNumbersThatSshDoesNotWriteThatWay) {
  const auto with = [](const octets& exponent, const octets& modulus) {
    octets blob;
    wire::writer(blob).text("ssh-rsa").string(exponent).string(modulus);
    return blob;
  };
  auto modulus = modulus_of(2048);
  modulus.insert(modulus.begin(), 0);
  EXPECT_TRUE(parse_public_key(with(f4, modulus)));
  expect(errc::malformed, with(f4, modulus_of(2048)), "negative modulus");
  expect(errc::malformed, with({0x81}, modulus), "negative exponent");
  expect(errc::malformed, with({0, 1, 0, 1}, modulus), "exponent with a zero too many");
  modulus.insert(modulus.begin(), 0);
  expect(errc::malformed, with(f4, modulus), "modulus with a zero too many");
}

TEST(PublicKey, RefusesHugeLengths) {
  for (std::size_t place = 0; place < 2; ++place) {
    auto blob = ed25519();
    // The type's length, or the point's.
    const std::size_t at = place == 0 ? 0 : 4 + std::string("ssh-ed25519").size();
    for (std::size_t i = 0; i < 4; ++i) blob[at + i] = 0xff;
    expect(errc::malformed, blob, std::to_string(place));
  }
}

TEST(PublicKey, RefusesOtherTypes) {
  for (const std::string type :
       {"", "ssh-dss", "ssh-ed448", "rsa-sha2-512", "SSH-RSA", "ssh-ed25519-cert-v01@openssh.com",
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"}) {
    octets blob;
    wire::writer(blob).text(type).string(octets(32, 7));
    expect(errc::unsupported, blob, type);
  }
  octets evil;
  wire::writer(evil).text("\x1b[2J");
  EXPECT_THAT(parse_public_key(evil).error().message, testing::Not(HasSubstr("\x1b")));
}

TEST(PublicKey, ReadsSecurityKeys) {
  octets blob;
  wire::writer(blob).text("sk-ssh-ed25519@openssh.com").string(octets(32, 7)).text("ssh:");
  const auto key = parse_public_key(blob);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->application, "ssh:");
  for (std::size_t length = 0; length < blob.size(); ++length)
    EXPECT_FALSE(parse_public_key(octet_view(blob).first(length))) << length;
  blob.push_back(0);
  expect(errc::malformed, blob, "trailing octet");
}

}  // namespace
}  // namespace tunnel::ssh::keys
