#include <gmock/gmock.h>

#include "support/blackhole.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;

constexpr int could_not_connect = 255;

class FirstConnection : public scenario {
 protected:
  tunnel_settings settings() { return {.identity = "", .known_hosts = "/dev/null"}; }
};

TEST_P(FirstConnection, ThatIsRefusedEndsTheProgram) {
  const auto closed = free_port();
  launch_tunnel_to(closed, "nobody", settings());
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_THAT(tunnel().log(), HasSubstr(std::to_string(closed)));
  EXPECT_THAT(tunnel().log(), HasSubstr("refused"));
}

TEST_P(FirstConnection, ThatIsNotAnsweredEndsTheProgramInTime) {
  const blackhole hole;
  auto impatient = settings();
  impatient.arguments = {"-o", "ConnectTimeout=2"};
  const stopwatch watch;
  launch_tunnel_to(hole.port(), "nobody", impatient);
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_GE(watch.elapsed(), milliseconds(1900));
  EXPECT_LE(watch.elapsed(), seconds(4));
}

// It accepts and never says a word: the time limit is for the whole of the handshake.
TEST_P(FirstConnection, ToAServerThatStaysSilentEndsTheProgramInTime) {
  const origin mute(silent());
  auto impatient = settings();
  impatient.arguments = {"-o", "ConnectTimeout=2"};
  launch_tunnel_to(mute.port(), "nobody", impatient);
  EXPECT_EQ(tunnel().wait(seconds(5)), could_not_connect);
}

TEST_P(FirstConnection, ToSomethingElseThanAnSshServerEndsTheProgram) {
  const origin web([](tcp_stream& client) { client.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  launch_tunnel_to(web.port(), "nobody", settings());
  EXPECT_EQ(tunnel().wait(), could_not_connect);
}

TUNNEL_RUN_SCENARIO(FirstConnection, openssh_only);

}  // namespace
}  // namespace tunnel::integration
