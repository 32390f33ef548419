#include "support/scenario.hpp"
#include "support/troubleshooting.hpp"

namespace tunnel::integration {
namespace {

class Refusal : public scenario {
 protected:
  reply reply_for(const target& where, socks_version version = socks_version::v5) {
    auto [stream, code] = ask(port(), version, where);
    // The refused client is not left hanging either.
    EXPECT_EQ(stream.receive_to_end().data, "");
    return code;
  }
};

TEST_P(Refusal, SaysThatTheConnectionWasRefused) {
  start_tunnel();
  const target closed{"127.0.0.1", free_port()};
  EXPECT_EQ(reply_for(closed), expected_reply(engine(), failure::refused));
  EXPECT_EQ(reply_for(closed, socks_version::v4), reply::v4_rejected);
}

TEST_P(Refusal, SaysThatTheNameIsUnknown) {
  start_tunnel();
  // RFC 6761 §6.4: never resolves.
  const target unknown{"no-such-host.invalid", 80};
  EXPECT_EQ(reply_for(unknown), expected_reply(engine(), failure::unresolvable));
  EXPECT_EQ(reply_for(unknown, socks_version::v4a), reply::v4_rejected);
}

TEST_P(Refusal, LeavesOtherFlowsAlone) {
  const origin target(echo());
  start_tunnel();
  const auto before = connect_through(port(), {"127.0.0.1", target.port()});
  EXPECT_TRUE(echoes(before, "before"));
  reply_for({"127.0.0.1", free_port()});
  EXPECT_TRUE(echoes(before, "after"));
}

TUNNEL_RUN_SCENARIO(Refusal, every_daemon);

class Prohibition : public Refusal {};

TEST_P(Prohibition, SaysThatTheServerDoesNotAllowTheTarget) {
  const origin allowed(echo());
  const origin denied(echo());
  start_server({.config = {"PermitOpen 127.0.0.1:" + std::to_string(allowed.port())}});
  start_tunnel();
  EXPECT_EQ(reply_for({"127.0.0.1", denied.port()}), expected_reply(engine(), failure::prohibited));
  EXPECT_EQ(reply_for({"127.0.0.1", denied.port()}, socks_version::v4), reply::v4_rejected);
  EXPECT_EQ(denied.accepted(), 0U);
  EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", allowed.port()}), "allowed"));
  EXPECT_TRUE(explained(tunnel().log(), "forwarding-one-target"));
}

TEST_P(Prohibition, OfEverythingSaysWhatToAskTheAdministratorForAndThenIsSilent) {
  const origin target(echo());
  start_server({.config = {"AllowTcpForwarding no"}});
  start_tunnel();
  const tunnel::integration::target where{"127.0.0.1", target.port()};
  for (unsigned i = 0; i < 8; ++i) EXPECT_EQ(reply_for(where), expected_reply(engine(), failure::prohibited));
  EXPECT_EQ(target.accepted(), 0U);
  EXPECT_TRUE(explained(tunnel().log(), "forwarding-forbidden"));
  EXPECT_FALSE(tunnel().logs("the SSH server forbids", 6, milliseconds(0)));
}

TUNNEL_RUN_SCENARIO(Prohibition, openssh_only);

}  // namespace
}  // namespace tunnel::integration
