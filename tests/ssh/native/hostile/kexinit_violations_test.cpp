// RFC 4253 section 7.1: SSH_MSG_KEXINIT and what is agreed on.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reaction.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {
namespace {

using support::peer;
using support::session;

constexpr std::string_view chacha = "chacha20-poly1305@openssh.com";

// The server says this in the place of its SSH_MSG_KEXINIT.
struct offered : session {
  explicit offered(octet_view kexinit_payload) {
    server.hold(peer::stage::kexinit);
    server.go_on();
    server.send(kexinit_payload);
    pump();
  }
};

/// SSH_MSG_KEXINIT of ten lists that are written as they are given.
struct raw_kexinit {
  std::vector<std::string> lists{"curve25519-sha256,kex-strict-s-v00@openssh.com",
                                 "ssh-ed25519",
                                 "aes128-gcm@openssh.com",
                                 "aes128-gcm@openssh.com",
                                 "hmac-sha2-256",
                                 "hmac-sha2-256",
                                 "none",
                                 "none",
                                 "",
                                 ""};
  octet follows = 0;
  std::uint32_t reserved = 0;
  octets more = {};

  [[nodiscard]] octets payload() const {
    octets written;
    wire::writer to(written);
    to.byte(message::kexinit).raw(octets(16, 0x42));
    for (const auto& each : lists) to.text(each);
    to.byte(follows).uint32(reserved).raw(more);
    return written;
  }
};

TEST(Kexinit, ThatIsWellFormedIsTaken) {
  offered both(raw_kexinit{}.payload());
  expect_peace(both);
}

TEST(Kexinit, ThatEndsEarlyIsMalformed) {
  const auto whole = raw_kexinit{}.payload();
  for (std::size_t size = 1; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    offered both(octet_view(whole).first(size));
    expect_violation(both, "malformed");
  }
}

TEST(Kexinit, WithListsThatCannotBeIsMalformed) {
  struct row {
    std::string_view what;
    std::string list;
  };
  const std::vector<row> table{{"an empty name", "a,,b"},
                               {"an empty name first", ",a"},
                               {"an empty name last", "a,"},
                               {"nothing but a comma", ","},
                               {"a name of 65 octets", std::string(65, 'a')},
                               {"a space", "a b"},
                               {"a NUL", std::string("a\0b", 3)},
                               {"an escape", "a\x1b[2J"},
                               {"DEL", "a\x7f"},
                               {"an octet above 127", "a\xc3\xa9"},
                               {"a newline", "a\nb"}};
  for (std::size_t at = 0; at < 8; ++at) {
    for (const auto& [what, list] : table) {
      SCOPED_TRACE(std::string(what) + " in list " + std::to_string(at));
      raw_kexinit sent;
      sent.lists[at] = list;
      offered both(sent.payload());
      expect_violation(both, "malformed");
    }
  }
}

TEST(Kexinit, WithListsBeyond64KiBIsMalformed) {
  raw_kexinit sent;
  for (int i = 0; i < 2000; ++i) sent.lists[0] += "," + std::string(40, 'k');
  offered both(sent.payload());
  expect_violation(both, "malformed");
}

TEST(Kexinit, WithAnythingInItsReservedFieldOrBehindItIsMalformed) {
  for (const std::uint32_t reserved : {1U, 0x80000000U, 0xffffffffU}) {
    raw_kexinit sent;
    sent.reserved = reserved;
    offered both(sent.payload());
    expect_violation(both, "malformed");
  }
  for (const std::size_t count : {1U, 4U, 1000U}) {
    raw_kexinit sent;
    sent.more = octets(count, 0);
    offered both(sent.payload());
    expect_violation(both, "malformed");
  }
}

// A length of a list that is more than what is left.
TEST(Kexinit, WithALengthBeyondItsEndIsMalformed) {
  const auto whole = raw_kexinit{}.payload();
  std::size_t at = 17;
  for (int list = 0; list < 10; ++list) {
    for (const std::uint32_t length : {0xffffffffU, 0x80000000U, 0x7fffffffU, 100000U}) {
      SCOPED_TRACE("list " + std::to_string(list) + " of " + std::to_string(length));
      auto changed = whole;
      support::put_length(octet_span(changed).subspan(at), length);
      offered both(changed);
      expect_violation(both, "malformed");
    }
    wire::reader from(octet_view(whole).subspan(at));
    at += 4 + from.string()->size();
  }
}

TEST(Kexinit, WithNothingInCommonNamesBothOffers) {
  struct row {
    std::size_t list;
    std::string offer;
    std::string_view what;
  };
  const std::vector<row> table{
      {0, "diffie-hellman-group1-sha1,kex-strict-s-v00@openssh.com", "key exchange method"},
      {0, "", "key exchange method"},
      {0, "CURVE25519-SHA256", "key exchange method"},
      // Flags are no methods, whoever lists them.
      {0, "ext-info-c", "key exchange method"},
      {0, "ext-info-s", "key exchange method"},
      {0, "kex-strict-c-v00@openssh.com", "key exchange method"},
      {0, "kex-strict-s-v00@openssh.com", "key exchange method"},
      {1, "ssh-rsa,ssh-dss", "host key algorithm"},
      {1, "", "host key algorithm"},
      {2, "aes128-cbc,3des-cbc,none", "cipher to the server"},
      {2, "", "cipher to the server"},
      {3, "arcfour,none", "cipher from the server"},
      {3, "", "cipher from the server"},
      {6, "zlib,zlib@openssh.com", "compression"},
      {6, "", "compression"},
      {7, "zlib", "compression"},
      {7, "", "compression"}};
  for (const auto& [list, offer, what] : table) {
    SCOPED_TRACE(std::string(what) + ": " + offer);
    raw_kexinit sent;
    sent.lists[list] = offer;
    offered both(sent.payload());
    expect_disconnect(both, errc::key_exchange_failed, what);
  }
}

// RFC 5647 section 5.1, OpenSSH's PROTOCOL section 1.6: with an AEAD cipher the MAC lists are not looked at.
TEST(Kexinit, OfAnAeadCipherNeedsNoMac) {
  for (const std::string_view cipher : {"aes128-gcm@openssh.com", "aes256-gcm@openssh.com"}) {
    raw_kexinit sent;
    sent.lists[2] = sent.lists[3] = cipher;
    sent.lists[4] = sent.lists[5] = "hmac-md5";
    offered both(sent.payload());
    expect_peace(both);
  }
}

TEST(Kexinit, OfAnotherCipherNeedsAMacEachWay) {
  for (const std::size_t way : {4U, 5U}) {
    for (const std::string_view offer : {"hmac-md5,hmac-sha1,none", ""}) {
      raw_kexinit sent;
      sent.lists[2] = sent.lists[3] = "aes128-ctr";
      sent.lists[way] = offer;
      offered both(sent.payload());
      expect_disconnect(both, errc::key_exchange_failed, "MAC");
    }
  }
}

// The client's order decides (RFC 4253 section 7.1), whatever the server prefers.
TEST(Kexinit, IsAnsweredByTheClientsPreference) {
  peer::options how;
  std::ranges::reverse(how.offer.kex);
  std::ranges::reverse(how.offer.cipher_client_to_server);
  std::ranges::reverse(how.offer.cipher_server_to_client);
  session both(how);
  both.pump();
  expect_peace(both);
  const auto preferred = default_preferences();
  EXPECT_EQ(both.user.link().algorithms().cipher_in, preferred.cipher.front());
  EXPECT_EQ(both.user.link().algorithms().cipher_out, preferred.cipher.front());
  EXPECT_EQ(both.user.link().algorithms().kex, "curve25519-sha256");
}

// CVE-2023-48795: only strict key exchange makes it safe.
TEST(Kexinit, OfAServerWithoutStrictExchangeMayNotLeadToChaCha20) {
  for (const bool to_server : {true, false}) {
    peer::options how;
    how.strict = false;
    how.offer.cipher_client_to_server = how.offer.cipher_server_to_client = {"aes128-gcm@openssh.com"};
    (to_server ? how.offer.cipher_client_to_server
               : how.offer.cipher_server_to_client) = {std::string(chacha)};
    session both(how);
    both.pump();
    expect_disconnect(both, errc::key_exchange_failed, "CVE-2023-48795");
    EXPECT_FALSE(both.user.host_key());
  }
}

// The flag that a client raises proves nothing about the server.
TEST(Kexinit, WithTheClientsOwnFlagIsNotStrict) {
  peer::options how;
  how.strict = false;
  how.offer.kex.emplace_back(strict_client);
  how.offer.cipher_client_to_server = how.offer.cipher_server_to_client = {std::string(chacha)};
  session both(how);
  both.pump();
  expect_disconnect(both, errc::key_exchange_failed, "CVE-2023-48795");
}

// --- first_kex_packet_follows ------------------------------------------------------------------------------

// The server sends a packet ahead, as if it knew what would be agreed on.
void send_guess(session& both, octet_view guess) {
  both.server.hold(peer::stage::kexinit);
  both.server.go_on();
  both.server.send_kexinit();
  both.server.send(guess);
  both.server.release();
  both.pump();
}

peer::options guessing(std::string first_kex, std::string first_host_key) {
  peer::options how;
  how.offer.first_kex_packet_follows = true;
  how.offer.kex.insert(how.offer.kex.begin(), std::move(first_kex));
  how.offer.host_key.insert(how.offer.host_key.begin(), std::move(first_host_key));
  return how;
}

support::client::options client_of_ed25519() {
  support::client::options how;
  how.how.preferences.kex = {"curve25519-sha256", "ecdh-sha2-nistp256"};
  how.how.preferences.host_key = {"ssh-ed25519"};
  return how;
}

TEST(FirstKexPacketFollows, OfAWrongGuessIsPassedOver) {
  struct row {
    std::string_view what;
    std::string kex;
    std::string host_key;
  };
  const std::vector<row> table{{"another method", "ecdh-sha2-nistp256", "ssh-ed25519"},
                               {"another host key algorithm", "curve25519-sha256", "ssh-rsa"},
                               {"neither", "sntrup761x25519-sha512", "ssh-rsa"}};
  for (const auto& [what, kex, host_key] : table) {
    for (const octet number : {octet{30}, octet{31}, octet{33}, octet{49}}) {
      SCOPED_TRACE(std::string(what) + ", message " + std::to_string(number));
      session both(guessing(kex, host_key), client_of_ed25519());
      send_guess(both, octets{number, 1, 2, 3});
      expect_peace(both);
      EXPECT_TRUE(both.user.established());
    }
  }
}

TEST(FirstKexPacketFollows, OfAWrongGuessIsOnePacketAndNotTwo) {
  session both(guessing("ecdh-sha2-nistp256", "ssh-ed25519"), client_of_ed25519());
  both.server.hold(peer::stage::kexinit);
  both.server.go_on();
  both.server.send_kexinit();
  both.server.send(octets{31, 1, 2, 3});
  both.server.send(octets{31, 1, 2, 3});
  both.pump();
  expect_violation(both, "malformed");
}

TEST(FirstKexPacketFollows, OfARightGuessIsTheReply) {
  session both(guessing("curve25519-sha256", "ssh-ed25519"), client_of_ed25519());
  send_guess(both, octets{31, 1, 2, 3});
  expect_violation(both, "malformed");
}

TEST(FirstKexPacketFollows, MayBeSaidAndTheGuessBeRight) {
  session both(guessing("curve25519-sha256", "ssh-ed25519"), client_of_ed25519());
  both.pump();
  expect_peace(both);
  EXPECT_TRUE(both.user.established());
}

TEST(FirstKexPacketFollows, IsNoReasonToPassOverWhatIsNoMessageOfTheExchange) {
  for (const octet number : {message::newkeys, message::kexinit, message::service_accept, message::ext_info,
                             message::ignore, message::userauth_success}) {
    SCOPED_TRACE(int{number});
    session both(guessing("ecdh-sha2-nistp256", "ssh-ed25519"), client_of_ed25519());
    send_guess(both, octets{number, 0, 0, 0, 0});
    expect_violation(both);
  }
}

}  // namespace
}  // namespace tunnel::ssh::native
