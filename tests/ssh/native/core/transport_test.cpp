#include "ssh/native/core/transport.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "session.hpp"
#include "ssh/native/core/errors.hpp"
#include "ssh/native/core/message.hpp"
#include "suites.hpp"
#include "support/hexadecimal.hpp"
#include "wire/reader.hpp"

namespace tunnel::ssh::native {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

octets copy_of(octet_view data) {
  return {data.begin(), data.end()};
}

support::client::options client_with(rekey_limits limits) {
  support::client::options how;
  how.how.limits = limits;
  return how;
}

// --- the first exchange ------------------------------------------------------------------------------------

// RFC 4253 section 4.2 and 7.1: neither side waits for the other.
TEST(Transport, BeginsWithItsIdentificationAndItsOffer) {
  const transport fresh({.software = "tunnel_1.0", .preferences = default_preferences(), .limits = {}},
                        support::repeatable_random(), {});
  const auto pending = fresh.pending();
  const std::string_view identification = "SSH-2.0-tunnel_1.0\r\n";
  EXPECT_TRUE(as_text(pending).starts_with(identification));
  const auto packet = pending.subspan(identification.size());
  const std::size_t length = packet.size() - 4;
  EXPECT_EQ(tunnel::support::hexadecimal(packet.first(4)),
            tunnel::support::hexadecimal(
                octets{0, 0, static_cast<octet>(length >> 8U), static_cast<octet>(length)}));
  EXPECT_TRUE(parse_kexinit(packet.subspan(5, length - 1 - packet[4])));
  EXPECT_TRUE(fresh.exchanging());
}

// The same randomness gives the same octets, whatever they are.
TEST(Transport, RepeatsItselfWithTheSameRandomness) {
  const auto first_octets = [](std::uint32_t seed) {
    const transport fresh({.software = "tunnel", .preferences = default_preferences(), .limits = {}},
                          support::repeatable_random(seed), {});
    return copy_of(fresh.pending());
  };
  EXPECT_EQ(first_octets(1), first_octets(1));
  EXPECT_NE(first_octets(1), first_octets(2));
}

TEST(Transport, EstablishesKeysWithEveryMethod) {
  for (const auto name : support::peer_kex_algorithms()) {
    SCOPED_TRACE(name);
    auto offer = support::peer::usual_offer();
    offer.kex = {std::string(name)};
    support::session both({.offer = offer});
    both.authenticate();
    EXPECT_TRUE(both.user.established());
    EXPECT_EQ(both.user.link().algorithms().kex, name);
    EXPECT_TRUE(std::ranges::equal(both.user.link().session_identifier(), both.server.session_identifier()));
    EXPECT_FALSE(both.server.client_fault());
  }
}

TEST(Transport, CarriesMessagesUnderEverySuite) {
  for (const auto& suite : all_suites()) {
    SCOPED_TRACE(suite.name());
    auto offer = support::peer::usual_offer();
    offer.cipher_client_to_server = offer.cipher_server_to_client = {suite.cipher};
    if (!suite.mac.empty()) offer.mac_client_to_server = offer.mac_server_to_client = {suite.mac};
    support::session both({.offer = offer});
    both.authenticate();
    const auto id = both.open_channel();
    for (const std::size_t size : {1U, 1000U, 32768U})
      both.say(support::channel_data(id, octets(size, 0x5e)));
    EXPECT_EQ(both.user.delivered(id).size(), 1U + 1000U + 32768U);
    EXPECT_FALSE(both.user.failure());
    EXPECT_FALSE(both.server.client_fault());
  }
}

TEST(Transport, ReadsTheWholeConversationOctetByOctet) {
  support::session both;
  both.server.set_script(support::grant_everything);
  both.server.go_on();
  while (!both.user.pending().empty() || !both.server.pending().empty()) {
    const auto to_server = copy_of(both.user.pending());
    both.user.sent(to_server.size());
    for (const octet each : to_server) both.server.receive(octet_view(&each, 1));
    const auto to_user = copy_of(both.server.pending());
    both.server.sent(to_user.size());
    for (const octet each : to_user) both.user.receive(octet_view(&each, 1));
  }
  EXPECT_TRUE(both.user.authenticated());
  EXPECT_FALSE(both.server.client_fault());
}

TEST(Transport, OffersTheHostKeyAndWaits) {
  support::client::options how;
  how.accept_host_key = false;
  support::session both({}, how);
  both.pump();
  ASSERT_TRUE(both.user.host_key());
  EXPECT_EQ(both.user.host_key()->algorithm, "ssh-ed25519");
  EXPECT_EQ(both.user.host_key()->key, support::repeatable_key()->public_blob());
  EXPECT_FALSE(both.user.established());
  // RFC 4253 section 7.3: without our SSH_MSG_NEWKEYS nothing is protected, and nothing else was sent.
  EXPECT_TRUE(both.server.messages().empty());
  EXPECT_EQ(both.server.exchanges(), 0U);

  both.user.link().accept_host_key(both.user.now());
  both.pump();
  EXPECT_TRUE(both.user.established());
  EXPECT_TRUE(std::ranges::equal(both.user.link().host_key(), support::repeatable_key()->public_blob()));
}

TEST(Transport, RefusesAnExchangeHashThatTheHostKeyDidNotSign) {
  const std::function<void(support::kex_reply&)> alterations[] = {
      [](auto& reply) { reply.signature.back() ^= 1; },
      [](auto& reply) { reply.signature.clear(); },
      [](auto& reply) { reply.signature.push_back(0); },
      [](auto& reply) { reply.host_key = support::repeatable_key(2)->public_blob(); },
      [](auto& reply) { reply.host_key.clear(); },
      [](auto& reply) { reply.host_key.pop_back(); },
  };
  for (const auto& alter : alterations) {
    support::session both({.alter_reply = alter});
    both.pump();
    EXPECT_FALSE(both.user.host_key());
    ASSERT_TRUE(both.user.failure());
    EXPECT_EQ(both.user.failure()->code, errc::key_exchange_failed);
    EXPECT_THAT(both.user.failure()->message, HasSubstr("did not prove that it has its host key"));
    ASSERT_TRUE(both.server.client_farewell());
    EXPECT_EQ(both.server.client_farewell()->reason, 3U);
  }
}

// --- farewells ---------------------------------------------------------------------------------------------

// RFC 4253 section 11.1.
TEST(Transport, SaysWhyItLeaves) {
  support::session both;
  both.authenticate();
  both.user.link().goodbye({make_error_code(errc::by_application), "that is all\r\n\x1b[m"});
  both.pump();
  ASSERT_TRUE(both.server.client_farewell());
  EXPECT_EQ(both.server.client_farewell()->reason, 11U);
  EXPECT_EQ(both.server.client_farewell()->description.find('\x1b'), std::string::npos);
  EXPECT_EQ(both.server.client_farewell()->description.find('\n'), std::string::npos);
}

TEST(Transport, SaysItOnceAndNothingAfterIt) {
  support::session both;
  both.authenticate();
  both.pump();
  both.user.link().goodbye({make_error_code(errc::by_application), "one"});
  const auto said = both.user.pending().size();
  both.user.link().goodbye({make_error_code(errc::by_application), "two"});
  both.user.link().send(octets{80});
  both.user.link().rekey_if_due(both.user.now() + 24h);
  EXPECT_EQ(both.user.pending().size(), said);
}

TEST(Transport, CallsEveryForeignErrorOneOfTheApplications) {
  support::session both;
  both.authenticate();
  both.user.link().goodbye({boost::system::errc::make_error_code(boost::system::errc::timed_out), "late"});
  both.pump();
  EXPECT_EQ(both.server.client_farewell().value().reason, 11U);
}

TEST(Transport, SaysNothingToAServerThatLeft) {
  support::session both;
  both.authenticate();
  both.server.forget_messages();
  both.say(support::disconnect(2, "too much\x1b"));
  ASSERT_TRUE(both.user.failure());
  EXPECT_EQ(both.user.failure()->code, errc::disconnected);
  EXPECT_THAT(both.user.failure()->message, HasSubstr("too much"));
  EXPECT_EQ(both.user.failure()->message.find('\x1b'), std::string::npos);
  EXPECT_TRUE(both.server.messages().empty());
}

// --- messages of no concern --------------------------------------------------------------------------------

TEST(Transport, PassesOverWhatIsForNobody) {
  support::session both;
  both.authenticate();
  both.server.forget_messages();
  both.say(support::ignore("padding"));
  both.say(support::debug("a note"));
  both.say(support::unimplemented(3));
  EXPECT_FALSE(both.user.failure());
  EXPECT_TRUE(both.server.messages().empty());
}

// RFC 4253 section 11.4.
TEST(Transport, AnswersUnknownMessagesWithTheirSequenceNumber) {
  support::session both;
  both.authenticate();
  both.server.forget_messages();
  const auto sequence_number = both.server.packets().sequence_number();
  both.say(octets{191, 1, 2});
  ASSERT_EQ(both.server.messages().size(), 1U);
  EXPECT_EQ(both.server.messages().front().payload, support::unimplemented(sequence_number));
}

// OpenSSH's PROTOCOL, section 1.8.
TEST(Transport, AnswersPingsOnceTheUserIsAuthenticated) {
  support::session both;
  both.authenticate();
  both.server.forget_messages();
  both.say(support::ping("echo"));
  ASSERT_EQ(both.server.messages().size(), 1U);
  EXPECT_EQ(both.server.messages().front().payload, support::pong("echo"));
}

TEST(Transport, BearsLimitedPingsFromAServerThatDoesNotRead) {
  support::session both;
  both.authenticate();
  // Nothing of what the client answers is taken away.
  const auto ping = support::ping(std::string(30000, 'x'));
  for (int i = 0; i < 1000 && !both.user.failure(); ++i) {
    both.server.send(ping);
    const auto data = copy_of(both.server.pending());
    both.server.sent(data.size());
    both.user.receive(data);
  }
  ASSERT_TRUE(both.user.failure());
  EXPECT_EQ(both.user.failure()->code, errc::protocol_error);
  EXPECT_LT(both.user.pending().size(), std::size_t{8} * 1024 * 1024);
}

// --- key re-exchange ---------------------------------------------------------------------------------------

TEST(Rekeying, BeginsWhenTheKeysHaveCarriedEnoughOctets) {
  support::session both({}, client_with({.octets = 100'000}));
  both.authenticate();
  const auto id = both.open_channel();
  ASSERT_EQ(both.user.link().exchanges(), 1U);
  for (int i = 0; i < 30; ++i) both.say(support::channel_data(id, octets(10'000, 0x5e)));
  EXPECT_GE(both.user.link().exchanges(), 3U);
  EXPECT_EQ(both.user.link().exchanges(), both.server.exchanges());
  EXPECT_EQ(both.user.delivered(id).size(), 300'000U);
}

TEST(Rekeying, BeginsForWhatWasSentToo) {
  support::session both({}, client_with({.octets = 100'000}));
  both.authenticate();
  const auto id = both.open_channel();
  for (int i = 0; i < 30; ++i) {
    octet_span place;
    ASSERT_EQ(both.user.connection().prepare(id, {&place, 1}), 1U);
    both.user.connection().commit(id, 10'000, both.user.now());
    both.pump();
  }
  EXPECT_GE(both.user.link().exchanges(), 3U);
  EXPECT_EQ(both.server.count(message::channel_data), 30U);
  EXPECT_FALSE(both.server.client_fault());
}

// RFC 4344 section 3.1.
TEST(Rekeying, BeginsAfterEnoughPackets) {
  support::session both({}, client_with({.packets = 100}));
  both.authenticate();
  for (int i = 0; i < 250; ++i) both.say(support::ignore());
  EXPECT_EQ(both.user.link().exchanges(), 3U);
}

// RFC 4253 section 9: an hour.
TEST(Rekeying, BeginsWhenTheKeysGrowOld) {
  support::session both;
  both.authenticate();
  EXPECT_EQ(both.user.link().next_deadline(), both.user.now() + 1h);
  both.user.pass(1h - 1s);
  both.pump();
  EXPECT_EQ(both.user.link().exchanges(), 1U);
  both.user.pass(1s);
  both.pump();
  EXPECT_EQ(both.user.link().exchanges(), 2U);
  EXPECT_EQ(both.user.link().next_deadline(), both.user.now() + 1h);
}

TEST(Rekeying, KeepsTheSessionIdentifier) {
  support::session both;
  both.authenticate();
  const auto first = copy_of(both.user.link().session_identifier());
  both.server.send_kexinit();
  both.pump();
  EXPECT_EQ(both.user.link().exchanges(), 2U);
  EXPECT_EQ(copy_of(both.user.link().session_identifier()), first);
}

TEST(Rekeying, HoldsMessagesBackAndSendsThemInOrderUnderTheNewKeys) {
  support::session both;
  both.authenticate();
  both.server.forget_messages();
  both.server.hold(support::peer::stage::kexinit);
  both.user.pass(2h);
  both.pump();
  ASSERT_TRUE(both.user.link().exchanging());
  for (octet i = 0; i < 5; ++i) both.user.link().send(octets{80, i});
  both.pump();
  EXPECT_TRUE(both.server.messages().empty());
  both.server.release();
  both.pump();
  ASSERT_EQ(both.server.messages().size(), 5U);
  for (octet i = 0; i < 5; ++i) EXPECT_EQ(both.server.messages()[i].payload, (octets{80, i}));
  EXPECT_EQ(both.server.exchanges(), 2U);
}

// RFC 4253 section 7.1: what the server sent before its own SSH_MSG_KEXINIT is as good as ever.
TEST(Rekeying, StillTakesWhatTheServerSentBeforeItJoined) {
  support::session both;
  both.authenticate();
  const auto id = both.open_channel();
  both.server.hold(support::peer::stage::kexinit);
  both.user.pass(2h);
  both.pump();
  both.say(support::channel_data(id, octets(1000, 1)));
  EXPECT_EQ(both.user.delivered(id).size(), 1000U);
  both.server.release();
  both.pump();
  EXPECT_EQ(both.user.link().exchanges(), 2U);
  EXPECT_FALSE(both.user.failure());
}

TEST(Rekeying, WorksWhenBothSidesBeginAtOnce) {
  support::session both;
  both.authenticate();
  both.server.send_kexinit();
  both.user.pass(2h);
  both.user.go_on();
  both.pump();
  EXPECT_EQ(both.user.link().exchanges(), 2U);
  EXPECT_EQ(both.server.exchanges(), 2U);
  EXPECT_FALSE(both.user.failure());
}

TEST(Rekeying, RefusesAnotherHostKey) {
  support::session both;
  both.authenticate();
  both.server.how().host_key = support::repeatable_key(2);
  both.server.send_kexinit();
  both.pump();
  ASSERT_TRUE(both.user.failure());
  EXPECT_EQ(both.user.failure()->code, errc::host_key_not_verifiable);
  ASSERT_TRUE(both.server.client_farewell());
  EXPECT_EQ(both.server.client_farewell()->reason, 9U);
}

TEST(Rekeying, RefusesASignatureThatDoesNotFit) {
  support::session both;
  both.authenticate();
  both.server.how().alter_reply = [](auto& reply) { reply.signature.back() ^= 1; };
  both.server.send_kexinit();
  both.pump();
  ASSERT_TRUE(both.user.failure());
  EXPECT_EQ(both.user.failure()->code, errc::key_exchange_failed);
}

TEST(Rekeying, MayChangeTheAlgorithms) {
  support::session both;
  both.authenticate();
  const auto before = both.user.link().algorithms().cipher_in;
  both.server.how().offer.cipher_client_to_server = {"aes256-ctr"};
  both.server.how().offer.cipher_server_to_client = {"chacha20-poly1305@openssh.com"};
  both.server.how().offer.kex = {"diffie-hellman-group14-sha256"};
  both.server.send_kexinit();
  both.pump();
  EXPECT_NE(before, "chacha20-poly1305@openssh.com");
  EXPECT_EQ(both.user.link().algorithms().cipher_out, "aes256-ctr");
  EXPECT_EQ(both.user.link().algorithms().cipher_in, "chacha20-poly1305@openssh.com");
  const auto id = both.open_channel();
  both.say(support::channel_data(id, octets(1000, 1)));
  EXPECT_EQ(both.user.delivered(id).size(), 1000U);
  EXPECT_FALSE(both.server.client_fault());
}

TEST(Rekeying, IsDoneAsOftenAsTheServerLikes) {
  support::session both;
  both.authenticate();
  for (std::size_t i = 0; i < 50; ++i) {
    both.server.send_kexinit();
    both.pump();
    ASSERT_EQ(both.user.link().exchanges(), i + 2);
  }
}

}  // namespace
}  // namespace tunnel::ssh::native
