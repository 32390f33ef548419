#include <gmock/gmock.h>

#include "support/pattern.hpp"
#include "support/scenario.hpp"
#include "support/transfer.hpp"

namespace tunnel::integration {
namespace {

constexpr seconds limit{50};

class Interop : public scenario {
 protected:
  /// What the server calls itself (RFC 4253 §4.2).
  std::string identification() {
    switch (kind_of_server()) {
      case server_kind::openssh:
        return "SSH-2.0-OpenSSH_";
      case server_kind::dropbear:
        return "SSH-2.0-dropbear_";
      case server_kind::asyncssh:
        return "SSH-2.0-AsyncSSH_";
      case server_kind::paramiko:
        return "SSH-2.0-paramiko_";
      case server_kind::twisted:
        return "SSH-2.0-Twisted_";
      case server_kind::erlang:
        return "SSH-2.0-Erlang/";
      case server_kind::ssh2:
        return "SSH-2.0-ssh2js";
    }
    throw std::logic_error("unknown server");
  }

  /// Twisted Conch sends CHANNEL_OPEN_CONFIRMATION first and connects afterwards. Nobody can know then that
  /// the target refused: success it is, and the end at once.
  bool confirms_before_connecting() { return kind_of_server() == server_kind::twisted; }
};

TEST_P(Interop, IsWithTheServerThatIsMeant) {
  start_tunnel();
  EXPECT_THAT(tunnel().log(), testing::HasSubstr(identification()));
}

TEST_P(Interop, MovesEightMebibytesBothWaysAtOnce) {
  start_tunnel();
  EXPECT_EQ(exchange_patterns(port(), 8 * mebibyte, limit), "");
}

TEST_P(Interop, RunsSixteenFlowsAtOnce) {
  start_tunnel();
  EXPECT_EQ(fetch_patterns(port(), 16, limit), "");
}

TEST_P(Interop, SaysThatTheTargetRefusedAndGoesOn) {
  const origin target(echo());
  start_tunnel();
  const auto [stream, code] = ask(port(), socks_version::v5, {"127.0.0.1", free_port()});
  EXPECT_EQ(code,
            confirms_before_connecting() ? reply::succeeded : expected_reply(engine(), failure::refused));
  EXPECT_EQ(stream.receive_to_end().data, "");
  EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", target.port()}), "after"));
}

TUNNEL_RUN_SCENARIO(Interop, every_server);

}  // namespace
}  // namespace tunnel::integration
