// RFC 4253 section 9: key re-exchanges in which the server breaks a rule.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "reaction.hpp"
#include "ssh/native/core/message.hpp"

namespace tunnel::ssh::native {
namespace {

using support::peer;
using support::session;

// Whoever begins it.
enum class beginner { client, server };
constexpr beginner beginners[] = {beginner::client, beginner::server};

void begin_exchange(session& both, beginner who) {
  if (who == beginner::client)
    both.user.pass(std::chrono::hours(1));
  else
    both.server.send_kexinit();
  both.pump();
}

void reach(session& both) {
  both.authenticate();
  both.open_channel();
}

TEST(KeyReexchange, WithAnotherHostKeyIsRefused) {
  for (const auto who : beginners) {
    session both;
    reach(both);
    both.server.how().host_key = support::repeatable_key(2);
    begin_exchange(both, who);
    expect_disconnect(both, errc::host_key_not_verifiable, "another host key");
    EXPECT_EQ(both.user.link().exchanges(), 1U);
  }
}

TEST(KeyReexchange, WithAHostKeyThatIsNotProvedIsRefused) {
  for (const auto who : beginners) {
    session both;
    reach(both);
    both.server.how().alter_reply = [](support::kex_reply& reply) { reply.signature.back() ^= 1; };
    begin_exchange(both, who);
    expect_disconnect(both, errc::key_exchange_failed, "host key");
  }
}

TEST(KeyReexchange, WithAForbiddenValueIsRefused) {
  for (const auto who : beginners) {
    session both;
    reach(both);
    both.server.how().alter_reply = [](support::kex_reply& reply) {
      reply.public_value = octets{0, 0, 0, 32};
      reply.public_value.resize(36, 0);
    };
    begin_exchange(both, who);
    expect_disconnect(both, errc::key_exchange_failed, "forbidden");
  }
}

TEST(KeyReexchange, WithNothingInCommonIsRefused) {
  for (const auto who : beginners) {
    session both;
    reach(both);
    both.server.how().offer.kex = {"diffie-hellman-group1-sha1"};
    begin_exchange(both, who);
    expect_disconnect(both, errc::key_exchange_failed, "no common");
  }
}

// A server that began strictly stays bound by it, though its later lists do not say so (and may not).
TEST(KeyReexchange, NeitherRaisesNorLowersStrictness) {
  for (const bool strict : {true, false}) {
    for (const bool flag : {true, false}) {
      peer::options how;
      how.strict = strict;
      how.offer.cipher_client_to_server = how.offer.cipher_server_to_client = {"aes128-ctr"};
      session both(how);
      reach(both);
      if (flag) both.server.how().offer.kex.emplace_back(strict_server);
      begin_exchange(both, beginner::server);
      const auto number = both.server.packets().sequence_number();
      EXPECT_EQ(number == 0, strict);
      both.say(support::bare(200));
      expect_peace(both);
      ASSERT_TRUE(both.server.last(message::unimplemented));
      EXPECT_EQ(both.server.last(message::unimplemented)->payload, support::unimplemented(number));
    }
  }
}

// The flag that comes in a re-exchange must not open ChaCha20-Poly1305 either.
TEST(KeyReexchange, DoesNotLeadToChaCha20WithoutStrictness) {
  peer::options how;
  how.strict = false;
  how.offer.cipher_client_to_server = how.offer.cipher_server_to_client = {"aes128-ctr"};
  session both(how);
  reach(both);
  auto& offer = both.server.how().offer;
  offer.kex.emplace_back(strict_server);
  offer.cipher_client_to_server = offer.cipher_server_to_client = {"chacha20-poly1305@openssh.com"};
  begin_exchange(both, beginner::server);
  expect_disconnect(both, errc::key_exchange_failed, "CVE-2023-48795");
}

TEST(KeyReexchange, LeavesTheSessionIdentifierAsItWas) {
  session both;
  reach(both);
  const octets first(both.user.link().session_identifier().begin(),
                     both.user.link().session_identifier().end());
  for (const auto who : beginners) {
    begin_exchange(both, who);
    expect_peace(both);
    EXPECT_TRUE(std::ranges::equal(both.user.link().session_identifier(), first));
  }
  EXPECT_EQ(both.user.link().exchanges(), 3U);
}

TEST(KeyReexchange, OfTheFlagForExtensionsSaysNothing) {
  session both;
  reach(both);
  begin_exchange(both, beginner::client);
  EXPECT_FALSE(both.server.client_kexinit()->lists(ext_info_client));
  EXPECT_FALSE(both.server.client_kexinit()->lists(strict_client));
}

// Data that was on its way when the client began is taken; after the server's own SSH_MSG_KEXINIT there is
// none any more.
TEST(KeyReexchange, LetsNoDataThroughOnceTheServerHasBegun) {
  session both;
  reach(both);
  both.server.hold(peer::stage::kexinit);
  begin_exchange(both, beginner::client);
  both.say(support::channel_data(0, as_octets("late")));
  EXPECT_EQ(as_text(both.user.delivered(0)), "late");
  both.server.hold(peer::stage::reply);
  both.server.send_kexinit();
  both.say(support::channel_data(0, as_octets("too late")));
  expect_violation(both);
  EXPECT_EQ(as_text(both.user.delivered(0)), "late");
}

// The client, on its part, says nothing but what belongs to the exchange (RFC 4253 section 7.1).
TEST(KeyReexchange, IsNotInterruptedByTheClient) {
  session both;
  reach(both);
  both.server.hold(peer::stage::reply);
  begin_exchange(both, beginner::server);
  both.server.forget_messages();
  both.user.connection().open_direct_tcpip({"another.example", 80}, {"127.0.0.1", 50000});
  both.user.connection().send_eof(0);
  both.user.connection().ping(both.user.now());
  both.pump();
  EXPECT_TRUE(both.server.messages().empty());
  both.server.release();
  both.pump();
  expect_peace(both);
  EXPECT_EQ(both.server.count(message::channel_open), 1U);
  EXPECT_EQ(both.server.count(message::channel_eof), 1U);
}

// What is owed while the server does not let an exchange end is bounded.
TEST(KeyReexchange, ThatNeverComesWhilePingsDoEndsTheConnection) {
  session both;
  reach(both);
  both.server.hold(peer::stage::kexinit);
  begin_exchange(both, beginner::client);
  const auto ping = support::ping(std::string(30000, 'x'));
  int pings = 0;
  while (!both.user.failure() && pings < 1000) {
    both.say(ping);
    ++pings;
  }
  expect_violation(both, "more answers than it reads");
  EXPECT_LT(pings, 200);
}

TEST(KeyReexchange, MayFollowTheOtherAtOnce) {
  session both;
  reach(both);
  for (int i = 0; i < 20; ++i) begin_exchange(both, beginners[i % 2]);
  expect_peace(both);
  EXPECT_EQ(both.user.link().exchanges(), 21U);
  both.say(support::channel_data(0, as_octets("still here")));
  EXPECT_EQ(as_text(both.user.delivered(0)), "still here");
}

// --- when the client begins (RFC 4253 section 9, RFC 4344 section 3) ---------------------------------------

support::client::options limited(rekey_limits limits) {
  support::client::options how;
  how.how.limits = limits;
  return how;
}

TEST(KeyLimits, OnPacketsOfTheServersMakeTheClientExchangeKeys) {
  rekey_limits limits;
  limits.packets = 20;
  session both(peer::options{}, limited(limits));
  both.authenticate();
  for (int i = 0; i < 200; ++i) both.say(support::ignore());
  expect_peace(both);
  EXPECT_GE(both.user.link().exchanges(), 10U);
}

TEST(KeyLimits, OnOctetsOfTheServersMakeTheClientExchangeKeys) {
  rekey_limits limits;
  limits.octets = 100000;
  session both(peer::options{}, limited(limits));
  both.authenticate();
  for (int i = 0; i < 100; ++i) both.say(support::ignore(std::string(10000, 'x')));
  expect_peace(both);
  EXPECT_GE(both.user.link().exchanges(), 10U);
}

// A server that goes on under old keys is not followed for ever: nothing of the client's is sent under them.
TEST(KeyLimits, LeaveTheClientSilentUntilTheServerAgrees) {
  rekey_limits limits;
  limits.packets = 20;
  session both(peer::options{}, limited(limits));
  both.authenticate();
  both.server.hold(peer::stage::kexinit);
  for (int i = 0; i < 30; ++i) both.say(support::ignore());
  both.server.forget_messages();
  for (int i = 0; i < 100; ++i) both.say(support::ping());
  EXPECT_EQ(both.server.count(message::pong), 0U);
  both.server.release();
  both.pump();
  expect_peace(both);
  EXPECT_EQ(both.server.count(message::pong), 100U);
}

}  // namespace
}  // namespace tunnel::ssh::native
