#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

class Socat : public scenario {};

TEST_P(Socat, TalksSocks4aByName) {
  const origin target(echo());
  start_server({.hosts = {"127.0.0.1 known-to-the-server.test"}});
  start_tunnel();
  const auto got =
      run({.arguments = {"socat", "-t", "20", "-",
                         "SOCKS4A:127.0.0.1:known-to-the-server.test:" + std::to_string(target.port()) +
                             ",socksport=" + std::to_string(port())},
           .input = "there and back"});
  EXPECT_EQ(got.output, "there and back") << got.errors;
}

TUNNEL_RUN_SCENARIO(Socat, every_daemon);

}  // namespace
}  // namespace tunnel::integration
