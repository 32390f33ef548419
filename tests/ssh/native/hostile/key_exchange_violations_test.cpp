// RFC 4253 section 8, RFC 4419, RFC 5656, RFC 8268, RFC 8731: the server's part of a key exchange.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/key_agreement.hpp"
#include "key_tools.hpp"
#include "reaction.hpp"
#include "ssh/keys/key_file.hpp"
#include "ssh/native/core/group_exchange.hpp"
#include "ssh/native/core/message.hpp"
#include "support/temporary_folder.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {
namespace {

using support::kex_reply;
using support::peer;
using support::session;

octets string_of(octet_view value) {
  octets written;
  wire::writer(written).string(value);
  return written;
}

// As it is, without the care for signs that an mpint needs.
octets raw_mpint(octet_view value) {
  return string_of(value);
}

octets mpint_of(octet_view magnitude) {
  octets written;
  wire::writer(written).mpint(magnitude);
  return written;
}

peer::options by(std::string_view method) {
  peer::options how;
  how.offer.kex = {std::string(method)};
  return how;
}

session reply_altered(std::string_view method, std::function<void(kex_reply&)> alter) {
  auto how = by(method);
  how.alter_reply = std::move(alter);
  return session(std::move(how));
}

// No key of the user's, nor any trust, was used on a server that failed to prove itself.
void expect_no_trust(session& both, errc reason, std::string_view words) {
  both.pump();
  expect_disconnect(both, reason, words);
  EXPECT_FALSE(both.user.host_key());
  EXPECT_FALSE(both.user.established());
  EXPECT_EQ(both.server.messages().size(), 1U) << "something beside the farewell";
}

void expect_forbidden(std::string_view method, const octets& public_value) {
  session both = reply_altered(method, [&](kex_reply& reply) { reply.public_value = public_value; });
  expect_no_trust(both, errc::key_exchange_failed, "forbidden");
}

// --- public values -----------------------------------------------------------------------------------------

// RFC 8731 section 3.1.
TEST(X25519Exchange, TakesNothingBut32Octets) {
  for (const std::string_view method : {"curve25519-sha256", "curve25519-sha256@libssh.org"})
    for (const std::size_t size : {0U, 1U, 16U, 31U, 33U, 56U, 64U, 65U, 1000U}) {
      SCOPED_TRACE(size);
      expect_forbidden(method, string_of(octets(size, 9)));
    }
}

// RFC 7748 section 6.1: with these the secret is zero whatever the client's part.
TEST(X25519Exchange, RefusesPointsOfSmallOrder) {
  const auto little_endian = [](octet first, octet between, octet last) {
    octets value(32, between);
    value.front() = first;
    value.back() = last;
    return value;
  };
  const std::vector<octets> table{
      little_endian(0, 0, 0),
      little_endian(1, 0, 0),
      // p - 1, p, p + 1, and the same with the bit that is not looked at.
      little_endian(0xec, 0xff, 0x7f),
      little_endian(0xed, 0xff, 0x7f),
      little_endian(0xee, 0xff, 0x7f),
      little_endian(0, 0, 0x80),
      little_endian(1, 0, 0x80),
      little_endian(0xec, 0xff, 0xff),
      little_endian(0xed, 0xff, 0xff),
      little_endian(0xee, 0xff, 0xff),
      // Both of order 8.
      {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
       0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
      {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
       0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57}};
  for (std::size_t i = 0; i < table.size(); ++i) {
    SCOPED_TRACE(i);
    expect_forbidden("curve25519-sha256", string_of(table[i]));
  }
}

// RFC 5656 section 4: uncompressed, of the exact length, on the curve.
TEST(EcdhExchange, RefusesWhatIsNoPointOfTheCurve) {
  struct curve {
    std::string_view method;
    crypto::ec_curve which;
  };
  for (const auto& [method, which] : {curve{"ecdh-sha2-nistp256", crypto::ec_curve::p256},
                                      curve{"ecdh-sha2-nistp384", crypto::ec_curve::p384},
                                      curve{"ecdh-sha2-nistp521", crypto::ec_curve::p521}}) {
    SCOPED_TRACE(method);
    const auto made = crypto::agree_ecdh(which);
    const octets point(made->public_value().begin(), made->public_value().end());
    const auto with = [&point](std::size_t at, int value) {
      auto changed = point;
      changed[at] = static_cast<octet>(value);
      return changed;
    };
    const std::size_t half = (point.size() - 1) / 2;
    auto compressed = with(0, 2 + point.back() % 2);
    compressed.resize(1 + half);
    auto longer = point;
    longer.push_back(0);
    auto shorter = point;
    shorter.pop_back();
    const std::vector<octets> table{{},
                                    // The point at infinity, in two ways.
                                    {0},
                                    with(0, 0),
                                    compressed,
                                    with(0, 2),
                                    with(0, 3),
                                    // The hybrid form.
                                    with(0, 6 + point.back() % 2),
                                    with(0, 5),
                                    with(0, 0xff),
                                    // Off the curve.
                                    with(point.size() - 1, point.back() ^ 1),
                                    with(1 + half - 1, point[half] ^ 1),
                                    // (0, 0), and coordinates beyond the prime.
                                    [&] {
                                      octets zero(point.size(), 0);
                                      zero.front() = 4;
                                      return zero;
                                    }(),
                                    [&] {
                                      octets most(point.size(), 0xff);
                                      most.front() = 4;
                                      return most;
                                    }(),
                                    longer,
                                    shorter,
                                    octets(32, 9)};
    for (std::size_t i = 0; i < table.size(); ++i) {
      SCOPED_TRACE(i);
      expect_forbidden(method, string_of(table[i]));
    }
  }
}

octets plus(octet_view number, int more) {
  octets sum(number.begin(), number.end());
  // The groups' primes end with ff, so that there is a carry for one more and none for one less.
  for (auto at = sum.rbegin(); at != sum.rend(); ++at) {
    const int value = *at + more;
    *at = static_cast<octet>(value);
    if (value >= 0 && value <= 255) break;
    more = value < 0 ? -1 : 1;
  }
  return sum;
}

// Magnitudes that RFC 4253 section 8 and RFC 8270 forbid for a group of this prime.
std::vector<octets> forbidden_numbers(octet_view prime) {
  auto doubled = octets(prime.size() + 1, 0);
  doubled.front() = 1;
  octets top_bit(prime.size(), 0);
  top_bit.front() = 0x40;
  return {{},
          {1},
          plus(prime, -1),
          octets(prime.begin(), prime.end()),
          plus(prime, 1),
          doubled,
          octets(prime.size() + 1, 0x7f),
          octets(2 * prime.size(), 0x7f),
          // So few bits that somebody could find the exponent.
          {2},
          {4},
          {7},
          top_bit};
}

TEST(DhExchange, RefusesValuesOutsideTheGroupAndTooSimpleOnes) {
  struct group {
    std::string_view method;
    octet_view prime;
  };
  for (const auto& [method, prime] : {group{"diffie-hellman-group14-sha256", crypto::modp_group14()},
                                      group{"diffie-hellman-group16-sha512", crypto::modp_group16()}}) {
    SCOPED_TRACE(method);
    for (const auto& each : forbidden_numbers(prime)) {
      SCOPED_TRACE(each.size());
      expect_forbidden(method, mpint_of(each));
    }
  }
}

// RFC 4251 section 5: negative, and longer than need be.
TEST(DhExchange, RefusesMpintsThatAreNone) {
  for (const octets& each : std::vector<octets>{
           {0x80}, {0xff}, {0xff, 0xff, 0xff}, {0}, {0, 0}, {0, 1}, {0, 0x7f, 1, 2, 3}, {0, 0, 0x80}}) {
    session both = reply_altered("diffie-hellman-group14-sha256",
                                 [&](kex_reply& reply) { reply.public_value = raw_mpint(each); });
    expect_no_trust(both, errc::protocol_error, "malformed");
  }
}

// --- group exchange (RFC 4419) -----------------------------------------------------------------------------

void offer_group(session& both, octet_view prime, octet_view generator, octet_view more = {}) {
  both.server.hold(peer::stage::reply);
  both.pump();
  octets payload;
  wire::writer(payload).byte(message::kex_dh_gex_group).raw(prime).raw(generator).raw(more);
  both.server.send(payload);
}

// `bits` long and odd; no prime, but that takes long to find out.
octets odd_number(std::size_t bits) {
  octets number((bits + 7) / 8, 0xa5);
  number.front() = static_cast<octet>(1U << ((bits - 1) % 8));
  number.back() |= 1;
  return number;
}

TEST(GroupExchange, RefusesGroupsThatAreNotSafe) {
  struct row {
    std::string_view what;
    octets prime;
    octets generator;
  };
  const octet_view prime = crypto::modp_group14();
  auto even = octets(prime.begin(), prime.end());
  even.back() ^= 1;
  const std::vector<row> table{{"no prime", mpint_of({}), mpint_of(octets{2})},
                               {"a prime of 1", mpint_of(octets{1}), mpint_of(octets{2})},
                               {"512 bits", mpint_of(odd_number(512)), mpint_of(octets{2})},
                               {"1024 bits", mpint_of(odd_number(1024)), mpint_of(octets{2})},
                               {"2047 bits", mpint_of(odd_number(2047)), mpint_of(octets{2})},
                               {"8193 bits", mpint_of(odd_number(8193)), mpint_of(octets{2})},
                               {"16384 bits", mpint_of(odd_number(16384)), mpint_of(octets{2})},
                               {"65536 bits", mpint_of(odd_number(65536)), mpint_of(octets{2})},
                               {"an even prime", mpint_of(even), mpint_of(octets{2})},
                               {"generator 0", mpint_of(prime), mpint_of({})},
                               {"generator 1", mpint_of(prime), mpint_of(octets{1})},
                               {"generator p - 1", mpint_of(prime), mpint_of(plus(prime, -1))},
                               {"generator p", mpint_of(prime), mpint_of(prime)},
                               {"generator p + 1", mpint_of(prime), mpint_of(plus(prime, 1))}};
  for (const auto& [what, number, generator] : table) {
    SCOPED_TRACE(what);
    session both(by(group_exchange::name));
    offer_group(both, number, generator);
    expect_no_trust(both, errc::key_exchange_failed, "group");
  }
}

TEST(GroupExchange, RefusesMalformedGroups) {
  struct row {
    std::string_view what;
    octets prime;
    octets generator;
    octets more;
  };
  const octets prime = mpint_of(crypto::modp_group14());
  const octets two = mpint_of(octets{2});
  const std::vector<row> table{{"nothing", {}, {}, {}},
                               {"no generator", prime, {}, {}},
                               {"a negative prime", raw_mpint(crypto::modp_group14()), two, {}},
                               {"a negative generator", prime, raw_mpint(octets{0x82}), {}},
                               {"a generator longer than need be", prime, raw_mpint(octets{0, 2}), {}},
                               {"a prime longer than it is", {0xff, 0xff, 0xff, 0xff, 1, 2, 3}, two, {}},
                               {"octets behind it", prime, two, {0}},
                               {"a third number", prime, two, two}};
  for (const auto& [what, number, generator, more] : table) {
    SCOPED_TRACE(what);
    session both(by(group_exchange::name));
    offer_group(both, number, generator, more);
    expect_no_trust(both, errc::protocol_error, "malformed");
  }
}

TEST(GroupExchange, RefusesValuesOutsideTheGroup) {
  for (const auto& each : forbidden_numbers(crypto::modp_group14())) {
    SCOPED_TRACE(each.size());
    expect_forbidden(group_exchange::name, mpint_of(each));
  }
}

TEST(GroupExchange, HasItsMessagesInOrder) {
  // The reply without a group, the client's own messages, and a second group.
  for (const octet number : {octet{30}, octet{32}, octet{33}, octet{34}, octet{35}}) {
    SCOPED_TRACE(int{number});
    session both(by(group_exchange::name));
    both.server.hold(peer::stage::reply);
    both.pump();
    both.server.send(octets{number, 0, 0, 0, 0});
    expect_no_trust(both, errc::protocol_error, "no place");
  }
  session both(by(group_exchange::name));
  offer_group(both, mpint_of(crypto::modp_group14()), mpint_of(octets{2}));
  offer_group(both, mpint_of(crypto::modp_group14()), mpint_of(octets{2}));
  expect_no_trust(both, errc::protocol_error, "no place");
}

// --- the form of the reply ---------------------------------------------------------------------------------

TEST(KexReply, ThatEndsEarlyIsMalformed) {
  struct row {
    std::string_view method;
    std::size_t step;
  };
  // Diffie-Hellman takes long.
  for (const auto& [method, step] : {row{"curve25519-sha256", 1}, row{"diffie-hellman-group14-sha256", 16}}) {
    octets whole;
    wire::writer(whole)
        .byte(message::kex_ecdh_reply)
        .string(octets(51, 1))
        .string(octets(32, 2))
        .string(octets(83, 3));
    for (std::size_t size = 1; size < whole.size(); size += step) {
      SCOPED_TRACE(size);
      session both(by(method));
      both.server.hold(peer::stage::reply);
      both.pump();
      both.server.send(octet_view(whole).first(size));
      expect_no_trust(both, errc::protocol_error, "malformed");
    }
  }
}

TEST(KexReply, WithOctetsBehindItIsMalformed) {
  for (const auto method : support::peer_kex_algorithms()) {
    if (method == "diffie-hellman-group18-sha512") continue;
    SCOPED_TRACE(method);
    session both = reply_altered(method, [](kex_reply& reply) { reply.more = {0}; });
    expect_no_trust(both, errc::protocol_error, "malformed");
  }
}

TEST(KexReply, WithALengthBeyondItsEndIsMalformed) {
  for (const std::uint32_t length : {0xffffffffU, 0x80000000U, 0x7fffffffU, 4096U}) {
    session both(by("curve25519-sha256"));
    both.server.hold(peer::stage::reply);
    both.pump();
    octets payload;
    wire::writer(payload).byte(message::kex_ecdh_reply).uint32(length).raw(octets(200, 1));
    both.server.send(payload);
    expect_no_trust(both, errc::protocol_error, "malformed");
  }
}

TEST(KexReply, MayComeOnce) {
  session both;
  both.server.hold(peer::stage::newkeys);
  both.pump();
  octets again;
  wire::writer(again).byte(message::kex_ecdh_reply).string({}).string({}).string({});
  both.say(again);
  expect_violation(both, "no place");
}

// --- the proof of the host key -----------------------------------------------------------------------------

octets changed_at(octets value, std::size_t at) {
  value.at(at) ^= 1;
  return value;
}

octets named(std::string_view algorithm, octet_view value) {
  octets signature;
  wire::writer(signature).text(algorithm).string(value);
  return signature;
}

TEST(HostKeyProof, ThatIsWrongEndsTheConnectionBeforeAnyTrust) {
  struct row {
    std::string_view what;
    std::function<void(kex_reply&)> alter;
  };
  const auto other_key = support::repeatable_key(2);
  const std::vector<row> table{
      {"no signature", [](kex_reply& reply) { reply.signature.clear(); }},
      {"a signature of zeros",
       [](kex_reply& reply) { reply.signature = named("ssh-ed25519", octets(64, 0)); }},
      {"a signature of 63 octets",
       [](kex_reply& reply) { reply.signature = named("ssh-ed25519", octets(63, 1)); }},
      {"a signature of 65 octets",
       [](kex_reply& reply) { reply.signature = named("ssh-ed25519", octets(65, 1)); }},
      {"a signature of nothing", [](kex_reply& reply) { reply.signature = named("ssh-ed25519", {}); }},
      {"another algorithm's name",
       [](kex_reply& reply) {
         const octet_view value = octet_view(reply.signature).last(64);
         reply.signature = named("ssh-rsa", octets(value.begin(), value.end()));
       }},
      {"no algorithm's name",
       [](kex_reply& reply) {
         const octet_view value = octet_view(reply.signature).last(64);
         reply.signature = named("", octets(value.begin(), value.end()));
       }},
      {"octets behind the signature", [](kex_reply& reply) { reply.signature.push_back(0); }},
      {"a signature cut short", [](kex_reply& reply) { reply.signature.pop_back(); }},
      {"a changed R", [](kex_reply& reply) { reply.signature = changed_at(reply.signature, 19); }},
      {"a changed S", [](kex_reply& reply) { reply.signature = changed_at(reply.signature, 60); }},
      {"another public value", [](kex_reply& reply) { reply.public_value = string_of(octets(32, 9)); }},
      {"another host key", [&](kex_reply& reply) { reply.host_key = other_key->public_blob(); }},
      {"no host key", [](kex_reply& reply) { reply.host_key.clear(); }},
      {"a host key cut short", [](kex_reply& reply) { reply.host_key.pop_back(); }},
      {"octets behind the host key", [](kex_reply& reply) { reply.host_key.push_back(0); }},
      {"a host key of another type",
       [](kex_reply& reply) { reply.host_key = named("ecdsa-sha2-nistp256", octets(32, 1)); }},
      {"a certificate where none was agreed on",
       [](kex_reply& reply) { reply.host_key = named("ssh-ed25519-cert-v01@openssh.com", octets(32, 1)); }}};
  for (const auto& [what, alter] : table) {
    SCOPED_TRACE(what);
    session both = reply_altered("curve25519-sha256", alter);
    expect_no_trust(both, errc::key_exchange_failed, "host key");
  }
}

TEST(HostKeyProof, FailsForAFlippedBitInAnyOctetOfTheSignature) {
  for (std::size_t at = 0; at < 83; ++at) {
    SCOPED_TRACE(at);
    session both = reply_altered("curve25519-sha256", [at](kex_reply& reply) {
      reply.signature.at(at) ^= static_cast<octet>(1U << (at % 8));
    });
    expect_no_trust(both, errc::key_exchange_failed, "host key");
  }
}

std::shared_ptr<const keys::private_key> key_of_ssh_keygen(const std::vector<std::string>& type) {
  const tunnel::support::temporary_folder folder;
  const auto path = keys::make_key(folder.path("key"), type);
  return std::make_shared<keys::private_key>(
      keys::decode_private_key(tunnel::support::content_of(path), secret()).value());
}

// RFC 8332 section 3: the signature's name is what was agreed on, and no other, be it valid for the key.
TEST(HostKeyProof, OfAnRsaKeyIsByTheAlgorithmThatWasAgreedOn) {
  const auto key = key_of_ssh_keygen({"-t", "rsa", "-b", "2048"});
  for (const std::string agreed : {"rsa-sha2-256", "rsa-sha2-512"}) {
    for (const std::string used : {"rsa-sha2-256", "rsa-sha2-512"}) {
      SCOPED_TRACE(agreed + ", signed by " + used);
      peer::options how;
      how.host_key = key;
      how.offer.host_key = {agreed};
      how.signature_algorithm = used;
      session both(how);
      both.pump();
      if (agreed == used)
        expect_peace(both);
      else
        expect_no_trust(both, errc::key_exchange_failed, "not by " + agreed);
    }
    peer::options how;
    how.host_key = key;
    how.offer.host_key = {agreed};
    how.alter_reply = [](kex_reply& reply) {
      wire::reader from(reply.signature);
      static_cast<void>(from.text());
      const auto value = from.string().value();
      reply.signature = named("ssh-rsa", octets(value.begin(), value.end()));
    };
    session both(how);
    expect_no_trust(both, errc::key_exchange_failed, "not by " + agreed);
  }
}

TEST(HostKeyProof, OfAKeyOfAnotherTypeThanAgreedIsNone) {
  const auto ecdsa = key_of_ssh_keygen({"-t", "ecdsa", "-b", "256"});
  for (const std::string agreed : {"ssh-ed25519", "ecdsa-sha2-nistp384", "rsa-sha2-512"}) {
    SCOPED_TRACE(agreed);
    peer::options how;
    how.host_key = ecdsa;
    how.offer.host_key = {agreed};
    how.signature_algorithm = "ecdsa-sha2-nistp256";
    session both(how);
    expect_no_trust(both, errc::key_exchange_failed, "host key");
  }
}

TEST(HostKeyProof, OfACertificateAlgorithmNeedsACertificateOfItsType) {
  for (const bool plain_key : {true, false}) {
    peer::options how;
    how.offer.host_key = {"ssh-ed25519-cert-v01@openssh.com"};
    if (!plain_key) how.host_certificate = named("ssh-ed25519-cert-v01@openssh.com", octets(32, 1));
    session both(how);
    expect_no_trust(both, errc::key_exchange_failed, "host key");
  }
}

// --- no step before the proof and the trust ----------------------------------------------------------------

// RFC 4253 section 7.3: whatever the server sends, a client that does not trust its key says nothing.
TEST(HostKeyTrust, ComesBeforeEverythingElse) {
  support::client::options careful;
  careful.accept_host_key = false;
  session both(peer::options{}, careful);
  both.pump();
  ASSERT_TRUE(both.user.host_key());
  both.server.send(support::service_accept());
  both.server.send(support::userauth_success());
  both.pump();
  EXPECT_FALSE(both.user.established());
  EXPECT_FALSE(both.user.authenticated());
  EXPECT_EQ(both.server.exchanges(), 0U);
  EXPECT_TRUE(both.server.messages().empty());
}

TEST(HostKeyTrust, ThatIsDeniedEndsInAFarewellThatSaysSo) {
  support::client::options careful;
  careful.accept_host_key = false;
  session both(peer::options{}, careful);
  both.pump();
  both.user.link().goodbye({make_error_code(errc::host_key_not_verifiable), "the key is not the known one"});
  both.pump();
  const auto farewell = both.server.client_farewell();
  ASSERT_TRUE(farewell);
  EXPECT_EQ(farewell->reason, 9U);
  EXPECT_EQ(both.server.messages().size(), 1U);
}

TEST(Newkeys, WithAnythingInItIsRefused) {
  session both;
  both.server.hold(peer::stage::newkeys);
  both.pump();
  both.say(octets{message::newkeys, 0});
  expect_violation(both);
}

// Of all octets that the server sends before the keys are there, only padding may change unnoticed.
TEST(KeyExchange, AFlippedBitInClearNeverLeadsToKeys) {
  std::size_t covered = 1;
  for (std::size_t at = 0; at < covered; ++at) {
    SCOPED_TRACE(at);
    session both;
    both.server.go_on();
    // The identification string and SSH_MSG_KEXINIT.
    octets stream(both.server.pending().begin(), both.server.pending().end());
    both.server.sent(stream.size());
    const auto line_end = static_cast<std::size_t>(std::ranges::find(stream, '\n') - stream.begin());
    covered = stream.size() - stream[line_end + 1 + 4];
    stream[at] ^= static_cast<octet>(1U << (at % 8));
    both.server.raw(stream);
    both.pump();
    EXPECT_FALSE(both.user.host_key());
    EXPECT_FALSE(both.user.established());
  }
}

}  // namespace
}  // namespace tunnel::ssh::native
