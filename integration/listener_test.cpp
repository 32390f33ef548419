#include <gmock/gmock.h>

#include <algorithm>

#include "support/scenario.hpp"
#include "support/troubleshooting.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;

class Listener : public scenario {};

TEST_P(Listener, OnAPortInUseIsOneSentenceAndExitCodeTwo) {
  const tcp_listener taken;
  const auto address = "127.0.0.1:" + std::to_string(taken.port());
  launch_tunnel({.listeners = {address}});
  EXPECT_EQ(tunnel().wait(), 2);
  EXPECT_THAT(tunnel().log(), HasSubstr(address));
  EXPECT_TRUE(explained(tunnel().log(), "port-in-use"));
  EXPECT_EQ(std::ranges::count(tunnel().log(), '\n'), 1) << tunnel().log();
  // Found out before anybody is asked for a password.
  EXPECT_THAT(server().log(), testing::Not(HasSubstr("Accepted publickey")));
}

TEST_P(Listener, MayBeOneOfSeveral) {
  const origin target(echo());
  start_tunnel({.listeners = {"127.0.0.1:0", "127.0.0.1:0", "[::1]:0"}});
  EXPECT_TRUE(echoes(connect_through(tunnel().port(0), {"127.0.0.1", target.port()}), "first"));
  EXPECT_TRUE(echoes(connect_through(tunnel().port(1), {"127.0.0.1", target.port()}), "second"));
  const auto third = tcp_stream::connect("::1", tunnel().port(2));
  third.send(v5_greeting());
  read_v5_method(third);
}

// As ssh does.
TEST_P(Listener, OnAPortInUseIsPassedOverWhereThereIsAnother) {
  const origin target(echo());
  const tcp_listener taken;
  const auto address = "127.0.0.1:" + std::to_string(taken.port());
  // Both loopback addresses.
  start_tunnel({.listeners = {address, "localhost:0"}});
  EXPECT_TRUE(echoes(connect_through(tunnel().port(0), {"127.0.0.1", target.port()}), "the other"));
  EXPECT_THAT(tunnel().log(), HasSubstr(address));
  EXPECT_THAT(tunnel().log(), HasSubstr("going on without it"));
}

TEST_P(Listener, OnAPortInUseEndsItWithExitOnForwardFailure) {
  const tcp_listener taken;
  const auto address = "127.0.0.1:" + std::to_string(taken.port());
  launch_tunnel({.listeners = {"127.0.0.1:0", address}, .arguments = {"-o", "ExitOnForwardFailure=yes"}});
  EXPECT_EQ(tunnel().wait(), 2);
  EXPECT_THAT(tunnel().log(), HasSubstr(address));
  EXPECT_THAT(server().log(), testing::Not(HasSubstr("Accepted publickey")));
}

TEST_P(Listener, BeyondLoopbackNeedsGatewayPorts) {
  launch_tunnel({.listeners = {"0.0.0.0:0"}});
  EXPECT_EQ(tunnel().wait(), 2);
  EXPECT_TRUE(explained(tunnel().log(), "not-loopback"));
}

TUNNEL_RUN_SCENARIO(Listener, openssh_only);

}  // namespace
}  // namespace tunnel::integration
