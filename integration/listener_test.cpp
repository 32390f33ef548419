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

TEST_P(Listener, IsNamedWithAnExampleOfItsUse) {
  start_tunnel();
  const auto url = "socks5h://127.0.0.1:" + std::to_string(port());
  EXPECT_TRUE(tunnel().logs("for example: curl --proxy " + url + " URL, or ALL_PROXY=" + url + " for what"));
}

TEST_P(Listener, OnEveryAddressIsNamedByOneThatCanBeConnectedTo) {
  for (const std::string family : {"0.0.0.0", "[::]"}) {
    start_tunnel({.listeners = {family + ":0"}, .arguments = {"-g"}});
    const std::string loopback = family == "[::]" ? "[::1]" : "127.0.0.1";
    const auto address = loopback + ':' + std::to_string(port());
    EXPECT_TRUE(tunnel().logs("socks5h://" + address + " URL, or ALL_PROXY=socks5h://" + address + ' '));
  }
}

TEST_P(Listener, OnAnyPortIsPrintedWhereTheLogDoesNotNameIt) {
  const origin target(echo());
  start_server();
  const tunnel_process quiet(
      {"--engine", engine(), "-F", "none", "-q", "-D", "127.0.0.1:0", "-p", std::to_string(server().port()),
       "-i", server().user_key().private_file.string(), "-o",
       "UserKnownHostsFile=" + server().known_hosts().string(), "-l", server().user(), "127.0.0.1"});
  const std::string address = "127.0.0.1:";
  ASSERT_TRUE(quiet.logs("\n"));
  EXPECT_THAT(quiet.log(), testing::MatchesRegex("127\\.0\\.0\\.1:[0-9]+\n"));
  const auto chosen = static_cast<std::uint16_t>(std::stoul(quiet.log().substr(address.size())));
  EXPECT_TRUE(echoes(connect_through(chosen, {"127.0.0.1", target.port()}), "there"));
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
