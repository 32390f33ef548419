#include <array>

#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

class ConnectionLoss : public scenario {
 protected:
  target echoing() { return {"127.0.0.1", echo_.port()}; }

  origin echo_{echo()};
};

TEST_P(ConnectionLoss, IsRepairedOnceTheServerIsBack) {
  start_tunnel();
  const auto before = port();
  const auto flow = connect_through(port(), echoing());
  ASSERT_TRUE(echoes(flow, "before"));

  server().stop();
  EXPECT_TRUE(flow.readable(seconds(2))) << "the flow did not end with its connection";
  EXPECT_TRUE(tunnel().logs("reconnecting"));
  // Made during the outage: waits, and succeeds after it.
  const auto waiting = tcp_stream::connect("127.0.0.1", before);
  waiting.send(v5_greeting() + v5_request(echoing()));
  read_v5_method(waiting);
  EXPECT_FALSE(waiting.readable(milliseconds(500)));

  server().start();
  EXPECT_EQ(read_v5_reply(waiting), reply::succeeded);
  EXPECT_TRUE(echoes(waiting, "during"));
  EXPECT_TRUE(tunnel().logs("connected to ", 2));
  EXPECT_TRUE(echoes(connect_through(before, echoing()), "after"));
}

TEST_P(ConnectionLoss, IsRepairedSeveralTimes) {
  start_tunnel();
  for (std::size_t round = 1; round <= 3; ++round) {
    ASSERT_TRUE(echoes(connect_through(port(), echoing()), "round"));
    server().stop();
    ASSERT_TRUE(tunnel().logs("reconnecting", round));
    server().start();
  }
  EXPECT_TRUE(echoes(connect_through(port(), echoing()), "at last"));
}

TEST_P(ConnectionLoss, IsAResetForADownloadNotItsEnd) {
  const origin source(endless(3));
  start_tunnel();
  const auto download = connect_through(port(), {"127.0.0.1", source.port()});
  static_cast<void>(download.receive_exactly(100'000));
  server().stop();
  EXPECT_EQ(download.receive_to_end().how, ending::reset);
}

TEST_P(ConnectionLoss, AnswersARequestAfterTenSecondsWithoutServer) {
  start_tunnel();
  server().stop();
  ASSERT_TRUE(tunnel().logs("reconnecting"));
  const auto v4 = tcp_stream::connect("127.0.0.1", port());
  v4.send(v4_request(echoing()));
  const stopwatch watch;
  EXPECT_EQ(ask(port(), socks_version::v5, echoing()).code, reply::general_failure);
  EXPECT_GE(watch.elapsed(), milliseconds(9'500));
  EXPECT_LE(watch.elapsed(), milliseconds(12'000));
  EXPECT_EQ(read_v4_reply(v4), reply::v4_rejected);
  EXPECT_TRUE(tunnel().running());
}

// As after sleep or a change of network: nothing says that the connection is gone, and nothing comes back.
TEST_P(ConnectionLoss, IsNoticedByKeepalives) {
  start_tunnel({.arguments = {"-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2"}});
  const auto flow = connect_through(port(), echoing());
  ASSERT_TRUE(echoes(flow, "before"));
  server().freeze();
  EXPECT_TRUE(tunnel().logs("reconnecting", 1, seconds(6)));
  EXPECT_EQ(flow.receive_to_end().how, ending::reset);
  server().thaw();
  EXPECT_TRUE(echoes(connect_through(port(), echoing()), "after"));
}

TEST_P(ConnectionLoss, IsNotSeenInAServerThatIsMerelyIdle) {
  start_tunnel({.arguments = {"-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2"}});
  const auto flow = connect_through(port(), echoing());
  ASSERT_TRUE(echoes(flow, "before"));
  // Long enough for several keepalives to go unanswered.
  EXPECT_FALSE(flow.readable(seconds(5)));
  EXPECT_TRUE(echoes(flow, "after"));
  EXPECT_FALSE(tunnel().logs("reconnecting", 1, milliseconds(0)));
}

TUNNEL_RUN_SCENARIO(ConnectionLoss, every_daemon);

}  // namespace
}  // namespace tunnel::integration
