// The peer itself: what it does when it breaks no rule. Else every violation would prove nothing.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "reaction.hpp"
#include "ssh/native/core/message.hpp"

namespace tunnel::ssh::native {
namespace {

using support::session;

void exchange_data(session& both) {
  both.authenticate();
  const auto channel = both.open_channel();
  ASSERT_EQ(both.user.count<connection_protocol::opened>(), 1U);
  both.say(support::channel_data(channel, as_octets("down")));
  EXPECT_EQ(as_text(both.user.delivered(channel)), "down");

  std::array<octet_span, 1> places;
  ASSERT_EQ(both.user.connection().prepare(channel, places), 1U);
  std::ranges::copy(as_octets("up"), places[0].begin());
  both.user.connection().commit(channel, 2, both.user.now());
  both.pump();
  const auto sent = both.server.last(message::channel_data);
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->payload, support::channel_data(support::granted_sender(channel), as_octets("up")));
}

TEST(HonestServer, AgreesByEveryKeyExchangeMethod) {
  for (const auto method : support::peer_kex_algorithms()) {
    SCOPED_TRACE(method);
    support::peer::options how;
    how.offer.kex = {std::string(method)};
    session both(how);
    exchange_data(both);
    EXPECT_EQ(both.server.algorithms().kex, method);
    expect_peace(both);
  }
}

TEST(HonestServer, SpeaksEveryCipherWithEveryMac) {
  for (const auto cipher : cipher_algorithms())
    for (const auto mac : mac_algorithms()) {
      SCOPED_TRACE(std::string(cipher) + " " + std::string(mac));
      support::peer::options how;
      how.offer.cipher_client_to_server = how.offer.cipher_server_to_client = {std::string(cipher)};
      how.offer.mac_client_to_server = how.offer.mac_server_to_client = {std::string(mac)};
      session both(how);
      exchange_data(both);
      expect_peace(both);
    }
}

TEST(HonestServer, ServesWithoutStrictKeyExchangeToo) {
  support::peer::options how;
  how.strict = false;
  how.offer.cipher_client_to_server = how.offer.cipher_server_to_client = {"aes128-gcm@openssh.com"};
  session both(how);
  exchange_data(both);
  expect_peace(both);
}

TEST(HonestServer, ExchangesKeysAgainWhoeverBegins) {
  session both;
  exchange_data(both);
  both.server.send_kexinit();
  both.pump();
  EXPECT_EQ(both.server.exchanges(), 2U);
  EXPECT_EQ(both.user.link().exchanges(), 2U);
  both.user.pass(std::chrono::hours(1));
  both.pump();
  EXPECT_EQ(both.server.exchanges(), 3U);
  EXPECT_EQ(both.user.link().exchanges(), 3U);
  both.say(support::channel_data(0, as_octets(" again")));
  EXPECT_EQ(as_text(both.user.delivered(0)), "down again");
  expect_peace(both);
}

}  // namespace
}  // namespace tunnel::ssh::native
