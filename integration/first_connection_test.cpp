#include <gmock/gmock.h>

#include "support/blackhole.hpp"
#include "support/scenario.hpp"
#include "support/troubleshooting.hpp"

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
  EXPECT_THAT(tunnel().log(), HasSubstr("port " + std::to_string(closed) + ": "));
  EXPECT_TRUE(explained(tunnel().log(), "refused"));
}

TEST_P(FirstConnection, ThatIsRefusedIsTriedAsOftenAsConnectionAttemptsSays) {
  const auto closed = free_port();
  auto patient = settings();
  patient.arguments = {"-o", "ConnectionAttempts=3"};
  const stopwatch watch;
  launch_tunnel_to(closed, "nobody", patient);
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_GE(watch.elapsed(), seconds(2)) << "a second apart";
  EXPECT_TRUE(tunnel().logs("connecting to 127.0.0.1 ", 3, milliseconds(0)));
  EXPECT_FALSE(tunnel().logs("connecting to 127.0.0.1 ", 4, milliseconds(0)));
}

TEST_P(FirstConnection, ThatIsRefusedAtFirstIsMadeByAFurtherAttempt) {
  start_server();
  server().stop();
  launch_tunnel({.arguments = {"-o", "ConnectionAttempts=30"}});
  EXPECT_TRUE(tunnel().logs("connecting to 127.0.0.1 ", 2));
  server().start();
  EXPECT_TRUE(tunnel().logs("listening on "));
}

TEST_P(FirstConnection, ToANameThatNobodyKnowsEndsTheProgram) {
  auto nowhere = settings();
  // No label is that long (RFC 1035 section 2.3.4): no name server is asked, wherever this runs.
  nowhere.arguments = {"-o", "HostName=" + std::string(64, 'x') + ".invalid"};
  launch_tunnel_to(22, "nobody", nowhere);
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_TRUE(explained(tunnel().log(), "name-unknown"));
}

TEST_P(FirstConnection, ToAnAddressWithoutAWayEndsTheProgram) {
  auto nowhere = settings();
  // The loopback's broadcast address, to which nobody can connect.
  nowhere.arguments = {"-o", "HostName=127.255.255.255"};
  launch_tunnel_to(22, "nobody", nowhere);
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_TRUE(explained(tunnel().log(), "no-route"));
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
  EXPECT_TRUE(explained(tunnel().log(), "timed-out"));
}

// It accepts and never says a word: the time limit is for the whole of the handshake.
TEST_P(FirstConnection, ToAServerThatStaysSilentEndsTheProgramInTime) {
  const origin mute(silent());
  auto impatient = settings();
  impatient.arguments = {"-o", "ConnectTimeout=2"};
  launch_tunnel_to(mute.port(), "nobody", impatient);
  EXPECT_EQ(tunnel().wait(seconds(5)), could_not_connect);
  EXPECT_TRUE(explained(tunnel().log(), "no-handshake"));
}

TEST_P(FirstConnection, ToSomethingElseThanAnSshServerEndsTheProgram) {
  const origin web([](tcp_stream& client) { client.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  launch_tunnel_to(web.port(), "nobody", settings());
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_TRUE(explained(tunnel().log(), "closed-early"));

  // libssh2 goes on looking for a line that it knows.
  if (engine() == "libssh2") return;
  const origin noise(endless(1));
  launch_tunnel_to(noise.port(), "nobody", settings());
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_TRUE(explained(tunnel().log(), "not-ssh"));
}

TUNNEL_RUN_SCENARIO(FirstConnection, openssh_only);

}  // namespace
}  // namespace tunnel::integration
