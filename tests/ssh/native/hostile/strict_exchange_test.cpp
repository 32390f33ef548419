// draft-miller-sshm-strict-kex: somebody on the way who leaves packets out, or puts some in, around the first
// key exchange (CVE-2023-48795), and what strict key exchange changes later.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "reaction.hpp"
#include "ssh/native/core/message.hpp"
#include "suites.hpp"

namespace tunnel::ssh::native {
namespace {

using support::peer;
using support::session;

// Packets in clear that the one on the way can make.
std::vector<octets> forged_messages() {
  return {support::ignore(),
          support::ignore(std::string(1000, 'x')),
          support::debug("hello"),
          support::unimplemented(0),
          support::ext_info({{"server-sig-algs", "ssh-ed25519"}}),
          support::bare(8),
          support::bare(200)};
}

constexpr peer::stage stages[] = {peer::stage::kexinit, peer::stage::reply, peer::stage::newkeys};

TEST(StrictExchange, HasNoPlaceForAnyOtherMessage) {
  for (const auto stage : stages) {
    for (const auto& forged : forged_messages()) {
      SCOPED_TRACE(std::to_string(static_cast<int>(stage)) + ", message " + std::to_string(forged.front()));
      session both;
      both.server.hold(stage);
      both.pump();
      both.server.send(forged);
      both.server.release();
      both.pump();
      expect_violation(both);
      EXPECT_FALSE(both.user.established());
    }
  }
}

TEST(StrictExchange, RefusesAMessageBeforeKexinitOnceItKnows) {
  session both;
  both.server.hold(peer::stage::kexinit);
  both.server.go_on();
  both.server.send(support::ignore());
  both.pump();
  // That the server is strict shows with its SSH_MSG_KEXINIT alone.
  expect_peace(both);
  both.server.release();
  both.pump();
  expect_violation(both, "before its first SSH_MSG_KEXINIT");
}

class TerrapinAttack : public testing::TestWithParam<suite> {};

INSTANTIATE_TEST_SUITE_P(StrictExchange, TerrapinAttack, testing::ValuesIn(every_suite()), name_of);

// SSH_MSG_EXT_INFO, the first message under the new keys, is swallowed.
TEST_P(TerrapinAttack, ThatSwallowsExtInfoIsFound) {
  auto how = GetParam().server();
  session both(how);
  both.server.hold(peer::stage::newkeys);
  both.pump();
  both.server.send_newkeys();
  const auto swallowed = both.server.packets().sealed(support::ext_info({{"ping@openssh.com", "0"}}));
  both.pump();
  EXPECT_TRUE(both.user.established());
  both.server.send(support::service_accept());
  both.pump();
  EXPECT_EQ(both.user.count<authentication_protocol::ready>(), 0U);
  // An encrypted length may by chance be one that is waited for.
  if (!both.user.failure()) return;
  const bool damaged = both.user.failure()->code == errc::mac_error;
  expect_disconnect(both, damaged ? errc::mac_error : errc::protocol_error);
}

// The same with a message put in before, so that the numbers of packets agree again: what the attack is.
TEST_P(TerrapinAttack, ThatMakesUpForTheSwallowedPacketIsFound) {
  for (const auto stage : stages) {
    auto how = GetParam().server();
    session both(how);
    both.server.hold(stage);
    both.pump();
    // The server knows nothing of it: its own count goes on as before.
    const auto count = both.server.packets().sequence_number();
    both.server.raw(both.server.packets().sealed(support::ignore()));
    both.server.packets().set_sequence_number(count);
    both.server.how().ext_info.clear();
    both.server.release();
    both.pump();
    expect_violation(both);
    EXPECT_FALSE(both.user.established());
  }
}

// Without the flag on the server's side only what does not count packets is offered; what is put in shifts
// nothing for AES-GCM, whose counter is its own.
TEST(NotStrictExchange, LeavesAesGcmWithACounterOfItsOwn) {
  peer::options how;
  how.strict = false;
  how.offer.cipher_client_to_server = how.offer.cipher_server_to_client = {"aes128-gcm@openssh.com"};
  session both(how);
  both.server.hold(peer::stage::newkeys);
  both.pump();
  both.server.send(support::ignore());
  both.pump();
  both.server.send_newkeys();
  static_cast<void>(both.server.packets().sealed(support::ext_info({})));
  both.server.send(support::service_accept());
  both.pump();
  expect_disconnect(both, errc::mac_error);
}

// --- sequence numbers --------------------------------------------------------------------------------------

std::uint32_t unimplemented_number(session& both) {
  both.server.forget_messages();
  both.say(support::bare(200));
  const auto said = both.server.last(message::unimplemented);
  if (!said) return 0xffffffff;
  return static_cast<std::uint32_t>((said->payload[1] << 24) | (said->payload[2] << 16) |
                                    (said->payload[3] << 8) | said->payload[4]);
}

TEST(SequenceNumbers, BeginAnewWithEachExchangeIfItIsStrict) {
  session both;
  both.authenticate();
  // SSH_MSG_SERVICE_ACCEPT, SSH_MSG_USERAUTH_SUCCESS.
  EXPECT_EQ(unimplemented_number(both), 2U);
  EXPECT_EQ(unimplemented_number(both), 3U);
  both.server.send_kexinit();
  both.pump();
  EXPECT_EQ(unimplemented_number(both), 0U);
}

TEST(SequenceNumbers, GoOnOtherwise) {
  peer::options how;
  how.strict = false;
  how.offer.cipher_client_to_server = how.offer.cipher_server_to_client = {"aes256-ctr"};
  session both(how);
  both.authenticate();
  // SSH_MSG_KEXINIT, reply, SSH_MSG_NEWKEYS and the two above.
  EXPECT_EQ(unimplemented_number(both), 5U);
  both.server.send_kexinit();
  both.pump();
  EXPECT_EQ(unimplemented_number(both), 9U);
}

// A packet whose MAC is right for another number.
TEST(SequenceNumbers, AreCoveredByTheMac) {
  for (const std::string_view cipher : {"aes128-ctr", "chacha20-poly1305@openssh.com"}) {
    for (const std::uint32_t number : {0U, 1U, 3U, 4U, 0x10002U, 0x80000002U, 0xffffffffU}) {
      SCOPED_TRACE(std::string(cipher) + " " + std::to_string(number));
      peer::options how;
      how.offer.cipher_client_to_server = how.offer.cipher_server_to_client = {std::string(cipher)};
      session both(how);
      both.authenticate();
      ASSERT_EQ(both.server.packets().sequence_number(), 2U);
      both.server.packets().set_sequence_number(number);
      both.server.send(support::ping(std::string(100, 'x')));
      both.pump();
      EXPECT_EQ(both.server.count(message::pong), 0U);
      if (!both.user.failure()) continue;
      const bool damaged = both.user.failure()->code == errc::mac_error;
      expect_disconnect(both, damaged ? errc::mac_error : errc::protocol_error);
    }
  }
}

}  // namespace
}  // namespace tunnel::ssh::native
