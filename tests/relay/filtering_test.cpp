#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program.hpp"
#include "udp_peer.hpp"

// Ranges of addresses on tunnel-relay's command line.
namespace tunnel::relay::testing {
namespace {

using ::testing::HasSubstr;

running_relay start(std::vector<std::string> rules) {
  rules.insert(rules.begin(), {TUNNEL_RELAY, "--stdio"});
  return running_relay(rules);
}

const octets payload{1, 2, 3};

// Says so, and nothing arrives before what comes later.
void expect_denied(running_relay& relay, std::uint32_t association, const socks::address& target) {
  relay->send(association, target, payload);
  const auto got = relay->next();
  EXPECT_EQ(got.what, received::kind::notice) << target.to_string();
  EXPECT_EQ(got.association, association);
  EXPECT_THAT(got.text, HasSubstr("Permission denied"));
}

TEST(RelayFilter, DeniesWhatIsNamedInEveryForm) {
  auto relay = start({"--deny", "127.0.0.0/8"});
  const udp_peer four;
  const udp_peer six(AF_INET6);
  const socks::ipv6 mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
  expect_denied(relay, 1, four.address());
  expect_denied(relay, 2, {mapped, four.port()});
  expect_denied(relay, 3, {std::string("127.0.0.1"), four.port()});
  expect_denied(relay, 4, {std::string("::ffff:127.0.0.1"), four.port()});
  expect_denied(relay, 5, {socks::ipv4{0, 0, 0, 0}, four.port()});
  EXPECT_FALSE(four.poll());
  relay->send(6, six.address(), payload);
  EXPECT_EQ(six.receive().payload, payload);
}

TEST(RelayFilter, AllowsALongerRangeWithinADeniedOne) {
  auto relay = start({"--deny", "0.0.0.0/0", "--deny=::/0", "--allow", "127.0.0.1"});
  const udp_peer four;
  const udp_peer six(AF_INET6);
  relay->send(1, four.address(), payload);
  EXPECT_EQ(four.echo().payload, payload);
  EXPECT_EQ(relay->next().payload, payload);
  expect_denied(relay, 2, six.address());
}

TEST(RelayFilter, PassesNothingOnFromDeniedAddresses) {
  auto relay = start({"--deny", "127.0.0.2"});
  const udp_peer peer;
  relay->send(1, peer.address(), payload);
  const auto seen = peer.receive();
  const udp_peer denied(AF_INET, 0, {127, 0, 0, 2});
  denied.reply(seen, octets{9});
  peer.reply(seen, payload);
  EXPECT_EQ(relay->next().payload, payload);
}

TEST(RelayFilter, RefusesARangeThatIsNone) {
  for (const auto* text : {"10.0.0.0/33", "::/129", "example.org", "10.0.0.0/", "10.0.0.0/8x", ""}) {
    program relay({TUNNEL_RELAY, "--stdio", "--deny", text});
    EXPECT_EQ(relay.wait(), 2) << text;
    EXPECT_NE(relay.errors(), "") << text;
  }
}

}  // namespace
}  // namespace tunnel::relay::testing
