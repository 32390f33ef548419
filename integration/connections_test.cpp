#include <csignal>
#include <vector>

#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

constexpr std::size_t connections = 3;
constexpr std::size_t flows = 9;

/// --connections: the flows of one server on several SSH connections.
class Connections : public scenario {
 protected:
  void start() {
    start_tunnel({.arguments = {"-v", "--connections", std::to_string(connections)}});
    ASSERT_TRUE(tunnel().logs("connected to ", connections)) << "not all connections were made";
    ASSERT_EQ(server().sessions().size(), connections);
  }

  std::vector<tcp_stream> open_flows() {
    std::vector<tcp_stream> all;
    for (std::size_t i = 0; i < flows; ++i) {
      all.push_back(connect_through(port(), {"127.0.0.1", echo_.port()}));
      EXPECT_TRUE(echoes(all.back(), "hello"));
    }
    return all;
  }

  origin echo_{echo()};
};

TEST_P(Connections, LosingOneEndsItsFlowsAloneAndItIsReplaced) {
  start();
  const auto all = open_flows();
  ::kill(server().sessions().front(), SIGKILL);
  ASSERT_TRUE(tunnel().logs("other connections go on"));

  std::size_t ended = 0;
  for (const auto& flow : all) {
    if (flow.readable(milliseconds(0))) {
      ++ended;
      EXPECT_EQ(flow.receive_to_end().how, ending::reset);
    } else {
      EXPECT_TRUE(echoes(flow, "still here"));
    }
  }
  EXPECT_EQ(ended, flows / connections) << "the flows were not spread evenly";

  EXPECT_TRUE(tunnel().logs("connected to ", connections + 1)) << "the lost connection was not replaced";
  EXPECT_EQ(server().sessions().size(), connections);
  EXPECT_FALSE(tunnel().logs("reconnecting", 1, milliseconds(0)));
}

TEST_P(Connections, LosingThemAllIsRepaired) {
  start();
  for (const auto session : server().sessions()) ::kill(session, SIGKILL);
  ASSERT_TRUE(tunnel().logs("reconnecting"));
  EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", echo_.port()}), "after"));
  EXPECT_TRUE(tunnel().logs("connected to ", 2 * connections));
}

TUNNEL_RUN_SCENARIO(Connections, every_daemon);

}  // namespace
}  // namespace tunnel::integration
