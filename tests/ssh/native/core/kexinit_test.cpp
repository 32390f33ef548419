#include "ssh/native/core/kexinit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ssh/native/core/errors.hpp"
#include "ssh/native/core/message.hpp"
#include "support/hexadecimal.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using names = std::vector<std::string>;

const algorithm_preferences few{
    .kex = {"k1", "k2"}, .host_key = {"h1"}, .cipher = {"c1", "c2"}, .mac = {"m1"}};

kexinit message() {
  std::array<octet, 16> cookie{};
  for (std::size_t i = 0; i < cookie.size(); ++i) cookie[i] = static_cast<octet>(0xa0 + i);
  return offer(few, cookie, true);
}

void expect_malformed_kexinit(octet_view payload) {
  const auto parsed = parse_kexinit(payload);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, errc::protocol_error);
}

// --- the message -------------------------------------------------------------------------------------------

TEST(Kexinit, RaisesItsFlagsInTheFirstExchangeAlone) {
  EXPECT_THAT(offer(few, {}, true).kex,
              ElementsAre("k1", "k2", "ext-info-c", "kex-strict-c-v00@openssh.com"));
  EXPECT_THAT(offer(few, {}, false).kex, ElementsAre("k1", "k2"));
}

TEST(Kexinit, OffersTheSameBothWaysAndNoCompression) {
  const auto made = offer(few, {}, true);
  EXPECT_THAT(made.host_key, ElementsAre("h1"));
  EXPECT_THAT(made.cipher_client_to_server, ElementsAre("c1", "c2"));
  EXPECT_EQ(made.cipher_client_to_server, made.cipher_server_to_client);
  EXPECT_THAT(made.mac_client_to_server, ElementsAre("m1"));
  EXPECT_EQ(made.mac_client_to_server, made.mac_server_to_client);
  EXPECT_THAT(made.compression_client_to_server, ElementsAre("none"));
  EXPECT_THAT(made.compression_server_to_client, ElementsAre("none"));
  EXPECT_FALSE(made.first_kex_packet_follows);
}

// RFC 4253 section 7.1, written out by hand.
TEST(Kexinit, IsEncodedAsTheRfcHasIt) {
  auto made = message();
  made.kex = {"k1", "k2"};
  made.first_kex_packet_follows = true;
  EXPECT_EQ(tunnel::support::hexadecimal(encode(made)),
            "14"                                // SSH_MSG_KEXINIT
            "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"  // cookie
            "000000056b312c6b32"                // k1,k2
            "000000026831"                      // h1
            "0000000563312c6332"                // c1,c2
            "0000000563312c6332"                //
            "000000026d31"                      // m1
            "000000026d31"                      //
            "000000046e6f6e65"                  // none
            "000000046e6f6e65"                  //
            "0000000000000000"                  // languages
            "01"                                // first_kex_packet_follows
            "00000000");                        // reserved
}

TEST(Kexinit, IsReadAsItWasWritten) {
  auto made = message();
  made.mac_server_to_client = {"another"};
  made.first_kex_packet_follows = true;
  const auto read = parse_kexinit(encode(made)).value();
  EXPECT_EQ(read.cookie, made.cookie);
  EXPECT_EQ(read.kex, made.kex);
  EXPECT_EQ(read.host_key, made.host_key);
  EXPECT_EQ(read.cipher_client_to_server, made.cipher_client_to_server);
  EXPECT_EQ(read.cipher_server_to_client, made.cipher_server_to_client);
  EXPECT_EQ(read.mac_client_to_server, made.mac_client_to_server);
  EXPECT_EQ(read.mac_server_to_client, made.mac_server_to_client);
  EXPECT_EQ(read.compression_client_to_server, made.compression_client_to_server);
  EXPECT_EQ(read.compression_server_to_client, made.compression_server_to_client);
  EXPECT_TRUE(read.first_kex_packet_follows);
}

TEST(Kexinit, IsMalformedWhereverItIsCutOff) {
  const auto whole = encode(message());
  for (std::size_t size = 1; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    expect_malformed_kexinit(octet_view(whole).first(size));
  }
}

TEST(Kexinit, IsMalformedWithOctetsBehindIt) {
  auto longer = encode(message());
  longer.push_back(0);
  expect_malformed_kexinit(longer);
}

// RFC 4253 section 7.1: zero, for a future extension.
TEST(Kexinit, IsMalformedWhenItsReservedNumberIsUsed) {
  for (std::size_t i = 1; i <= 4; ++i) {
    auto used = encode(message());
    used[used.size() - i] = 1;
    expect_malformed_kexinit(used);
  }
}

// RFC 4251 sections 5 and 6.
TEST(Kexinit, IsMalformedWithNamesThatAreNone) {
  const std::string wrong[] = {"",
                               "a,",
                               ",a",
                               "a,,b",
                               "a b",
                               "a\tb",
                               "\x7f",
                               "\xc3\xa4",
                               std::string(65, 'x'),
                               std::string("a\0b", 3)};
  for (const auto& name : wrong) {
    SCOPED_TRACE(name);
    auto made = message();
    made.host_key = {"h1", name};
    expect_malformed_kexinit(encode(made));
  }
  auto made = message();
  made.host_key = {std::string(64, 'x')};
  EXPECT_TRUE(parse_kexinit(encode(made)));
}

TEST(Kexinit, IsMalformedWithAListBeyond64KiB) {
  auto made = message();
  // 1024 names of 63 octets with as many commas but one.
  made.cipher_client_to_server.assign(1024, std::string(63, 'x'));
  EXPECT_TRUE(parse_kexinit(encode(made)));
  made.cipher_client_to_server.emplace_back("x");
  expect_malformed_kexinit(encode(made));
}

TEST(Kexinit, MayNameLanguages) {
  octets payload;
  wire::writer to(payload);
  to.byte(message::kexinit).raw(octets(16));
  for (int i = 0; i < 8; ++i) to.text("x");
  to.text("en-GB,de").text("not \xff a name-list").boolean(false).uint32(0);
  EXPECT_TRUE(parse_kexinit(payload));
}

TEST(Kexinit, MayHaveEmptyLists) {
  auto made = message();
  made.mac_client_to_server.clear();
  const auto read = parse_kexinit(encode(made));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->mac_client_to_server.empty());
}

// --- negotiation -------------------------------------------------------------------------------------------

// With names that are known, and both sides alike.
kexinit side() {
  kexinit made;
  made.kex = {"k1", "k2"};
  made.host_key = {"h1", "h2"};
  made.cipher_client_to_server = made.cipher_server_to_client = {"aes128-ctr", "aes256-ctr"};
  made.mac_client_to_server = made.mac_server_to_client = {"hmac-sha2-256", "hmac-sha2-512"};
  made.compression_client_to_server = made.compression_server_to_client = {"none"};
  return made;
}

TEST(Negotiation, TakesTheClientsFirstThatTheServerHas) {
  auto server = side();
  server.kex = {"k3", "k2", "k1"};
  server.host_key = {"h2"};
  server.cipher_client_to_server = {"aes256-ctr", "aes128-ctr"};
  server.cipher_server_to_client = {"aes256-ctr"};
  server.mac_client_to_server = {"hmac-sha2-512"};
  server.mac_server_to_client = {"hmac-sha2-512", "hmac-sha2-256"};
  const auto common = negotiate(side(), server).value();
  EXPECT_EQ(common.kex, "k1");
  EXPECT_EQ(common.host_key, "h2");
  EXPECT_EQ(common.cipher_out, "aes128-ctr");
  EXPECT_EQ(common.cipher_in, "aes256-ctr");
  EXPECT_EQ(common.mac_out, "hmac-sha2-512");
  EXPECT_EQ(common.mac_in, "hmac-sha2-256");
}

// RFC 5647 section 5.1, OpenSSH's PROTOCOL.chacha20poly1305.
TEST(Negotiation, PassesTheMacsOverForAnAeadCipher) {
  for (const auto* cipher :
       {"aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"}) {
    auto client = side();
    auto server = side();
    client.cipher_client_to_server = server.cipher_client_to_server = {cipher};
    server.mac_client_to_server.clear();
    const auto common = negotiate(client, server).value();
    EXPECT_EQ(common.cipher_out, cipher);
    EXPECT_EQ(common.mac_out, "");
    EXPECT_EQ(common.mac_in, "hmac-sha2-256");
  }
}

TEST(Negotiation, NeverAgreesOnAFlag) {
  for (const auto* flag :
       {"ext-info-c", "ext-info-s", "kex-strict-c-v00@openssh.com", "kex-strict-s-v00@openssh.com"}) {
    auto client = side();
    auto server = side();
    client.kex = {flag, "k2"};
    server.kex = {flag, "k1", "k2"};
    EXPECT_EQ(negotiate(client, server).value().kex, "k2");
    server.kex = {flag};
    EXPECT_FALSE(negotiate(client, server)) << flag;
  }
}

struct list_case {
  names kexinit::*list;
  const char* what;
};

class Disagreement : public testing::TestWithParam<list_case> {};

// What is wrong can then be seen, and put right, from one message.
TEST_P(Disagreement, ShowsBothOffers) {
  auto client = side();
  auto server = side();
  client.*GetParam().list = {"ours", "ours-too"};
  server.*GetParam().list = {"theirs", "theirs-too"};
  const auto failed = negotiate(client, server);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, errc::key_exchange_failed);
  EXPECT_THAT(failed.error().message,
              AllOf(HasSubstr(GetParam().what), HasSubstr("offers theirs,theirs-too;"),
                    HasSubstr("tunnel offers ours,ours-too")));
}

TEST_P(Disagreement, IsThereWhenTheServerOffersNothing) {
  auto server = side();
  (server.*GetParam().list).clear();
  const auto failed = negotiate(side(), server);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, errc::key_exchange_failed);
  EXPECT_THAT(failed.error().message, HasSubstr("The server offers nothing"));
}

INSTANTIATE_TEST_SUITE_P(Lists, Disagreement,
                         testing::Values(list_case{&kexinit::kex, "key exchange method"},
                                         list_case{&kexinit::host_key, "host key algorithm"},
                                         list_case{&kexinit::cipher_client_to_server, "cipher to the server"},
                                         list_case{&kexinit::cipher_server_to_client,
                                                   "cipher from the server"},
                                         list_case{&kexinit::mac_client_to_server, "MAC to the server"},
                                         list_case{&kexinit::mac_server_to_client, "MAC from the server"},
                                         list_case{&kexinit::compression_client_to_server, "compression"},
                                         list_case{&kexinit::compression_server_to_client, "compression"}),
                         [](const auto& instance) { return "List" + std::to_string(instance.index); });

TEST(Negotiation, DoesNotNameItsFlagsAmongItsOffers) {
  auto client = side();
  client.kex = {"k1", std::string(ext_info_client), std::string(strict_client)};
  auto server = side();
  server.kex = {"theirs"};
  const auto failed = negotiate(client, server);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, AllOf(Not(HasSubstr("ext-info")), Not(HasSubstr("strict"))));
}

struct guess {
  const char* what;
  bool follows;
  names kex;
  names host_key;
  bool wrong;
};

// RFC 4253 section 7: right only if the first of both lists is the same on both sides, whatever is agreed on.
TEST(Negotiation, JudgesTheServersGuess) {
  const guess guesses[] = {
      {"no packet follows", false, {"k2", "k1"}, {"h1"}, false},
      {"both first names are the same", true, {"k1"}, {"h1"}, false},
      {"both first names are the same, others differ", true, {"k1", "k3"}, {"h1", "h3"}, false},
      {"another method first", true, {"k2", "k1"}, {"h1"}, true},
      {"another host key algorithm first", true, {"k1"}, {"h2", "h1"}, true},
      {"both differ", true, {"k2", "k1"}, {"h2", "h1"}, true},
      {"only the second is common", true, {"k2"}, {"h1"}, true},
      {"an unknown method first", true, {"k9", "k1"}, {"h1"}, true},
  };
  for (const auto& each : guesses) {
    auto server = side();
    server.first_kex_packet_follows = each.follows;
    server.kex = each.kex;
    server.host_key = each.host_key;
    EXPECT_EQ(negotiate(side(), server).value().guess_was_wrong, each.wrong) << each.what;
  }
}

}  // namespace
}  // namespace tunnel::ssh::native
