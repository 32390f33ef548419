#include <csignal>
#include <vector>

#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

class Shutdown : public scenario {
 protected:
  bool listens(std::uint16_t port) {
    try {
      tcp_stream::connect("127.0.0.1", port);
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  }

  origin echo_{echo()};
};

TEST_P(Shutdown, IsImmediateWithoutFlows) {
  for (const int number : {SIGTERM, SIGINT}) {
    start_tunnel();
    const stopwatch watch;
    tunnel().signal(number);
    EXPECT_EQ(tunnel().wait(), 0);
    EXPECT_LT(watch.elapsed(), seconds(1));
  }
}

TEST_P(Shutdown, GivesAnActiveFlowTwoSeconds) {
  start_tunnel();
  const auto flow = connect_through(port(), {"127.0.0.1", echo_.port()});
  ASSERT_TRUE(echoes(flow, "before"));
  const stopwatch watch;
  tunnel().signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return !listens(port()); }, seconds(1)));
  EXPECT_TRUE(echoes(flow, "while draining"));
  EXPECT_EQ(tunnel().wait(), 0);
  EXPECT_GE(watch.elapsed(), milliseconds(1500));
  EXPECT_LE(watch.elapsed(), milliseconds(3500));
}

TEST_P(Shutdown, EndsAsSoonAsTheLastFlowHas) {
  start_tunnel();
  auto flow = connect_through(port(), {"127.0.0.1", echo_.port()});
  ASSERT_TRUE(echoes(flow, "before"));
  tunnel().signal(SIGTERM);
  ASSERT_TRUE(eventually([&] { return !listens(port()); }, seconds(1)));
  const stopwatch watch;
  flow.close();
  EXPECT_EQ(tunnel().wait(), 0);
  EXPECT_LT(watch.elapsed(), seconds(1));
}

TEST_P(Shutdown, IsAtOnceAfterASecondSignal) {
  start_tunnel();
  const auto flow = connect_through(port(), {"127.0.0.1", echo_.port()});
  ASSERT_TRUE(echoes(flow, "before"));
  tunnel().signal(SIGINT);
  ASSERT_TRUE(eventually([&] { return !listens(port()); }, seconds(1)));
  const stopwatch watch;
  tunnel().signal(SIGINT);
  EXPECT_TRUE(tunnel().wait().has_value());
  EXPECT_LT(watch.elapsed(), milliseconds(500));
}

TEST_P(Shutdown, WorksWhileTheServerIsGone) {
  start_tunnel();
  server().stop();
  ASSERT_TRUE(tunnel().logs("reconnecting"));
  tunnel().signal(SIGTERM);
  EXPECT_EQ(tunnel().wait(), 0);
}

// A shell that runs `tunnel -f host && next` must not run the next.
TEST_P(Shutdown, BeforeItListensIsByTheSignal) {
  for (const int number : {SIGINT, SIGTERM}) {
    for (const std::string where : {"-v", "-fv"}) {
      launch_tunnel({.arguments = {where, "-o", "ProxyCommand=sleep 60"}});
      ASSERT_TRUE(tunnel().logs("running the ProxyCommand"));
      const std::size_t processes = where == "-v" ? 2 : 3;
      std::vector<pid_t> all;
      ASSERT_TRUE(eventually([&] { return (all = process_tree(tunnel().pid())).size() == processes; }));
      tunnel().signal(number);
      EXPECT_EQ(tunnel().wait(), 128 + number);
      for (const auto each : all) EXPECT_TRUE(eventually([&] { return ::kill(each, 0) != 0; })) << each;
    }
  }
}

TUNNEL_RUN_SCENARIO(Shutdown, openssh_only);

}  // namespace
}  // namespace tunnel::integration
