#include <gmock/gmock.h>

#include <thread>

#include "support/scenario.hpp"
#include "support/two_networks.hpp"

namespace tunnel::integration {
namespace {

/// A tunnel on a machine that moves about: only the link between it and the server is touched.
class NetworkChange : public scenario {
 protected:
  void start() {
    target_.emplace(echo());
    networks_.move_to("10.97.0.2");
    networks_.link_up();
    start_server({.config = {std::string("ListenAddress ") + two_networks::near_address}});
    write_file(files() / "known_hosts", "server " + server().host_key_line() + '\n');
    networks_.far_away([this] {
      start_tunnel({.known_hosts = files() / "known_hosts",
                    // Keepalives alone would take minutes.
                    .arguments = {"-o", std::string("HostName=") + two_networks::near_address, "-o",
                                  "HostKeyAlias=server", "-o", "ServerAliveInterval=60"}});
    });
  }

  tcp_stream connect() {
    std::optional<tcp_stream> stream;
    networks_.far_away([&] { stream = connect_through(port(), {"127.0.0.1", target_->port()}); });
    return std::move(*stream);
  }

  two_networks networks_;
  std::optional<origin> target_;
};

TEST_P(NetworkChange, ThatLeavesTheAddressLeavesFlowsAlone) {
  start();
  const auto flow = connect();
  ASSERT_TRUE(echoes(flow, "before"));
  networks_.link_down();
  flow.send("meanwhile");
  networks_.link_up();
  EXPECT_EQ(flow.receive_exactly(9), "meanwhile");
  EXPECT_TRUE(echoes(connect(), "after"));
  EXPECT_FALSE(tunnel().logs("reconnecting", 1, milliseconds(0)));
}

TEST_P(NetworkChange, ThatBringsTheAddressBackAfterSomeSecondsLeavesFlowsAlone) {
  start();
  const auto flow = connect();
  ASSERT_TRUE(echoes(flow, "before"));
  networks_.link_down();
  EXPECT_TRUE(tunnel().logs("checking the connection"));
  // An outage is what takes time: nothing happens that could be waited for.
  std::this_thread::sleep_for(seconds(8));
  networks_.link_up();
  EXPECT_TRUE(tunnel().logs("checking the connection", 2));
  // Nothing is said meanwhile, which would have TCP try at once: it takes as long again by itself.
  EXPECT_FALSE(flow.readable(seconds(6))) << "the flow has ended";
  EXPECT_TRUE(echoes(flow, "after"));
  EXPECT_FALSE(tunnel().logs("reconnecting", 1, milliseconds(0)));
}

TEST_P(NetworkChange, ToAnotherAddressIsNoticedAndMadeGoodFor) {
  start();
  ASSERT_TRUE(echoes(connect(), "before"));
  networks_.link_down();
  networks_.move_to("10.97.0.3");
  networks_.link_up();
  EXPECT_TRUE(tunnel().logs("checking the connection"));
  // It takes three seconds to see that the address does not come back; keepalives would take minutes.
  EXPECT_TRUE(tunnel().logs("this machine no longer has the address", 1, seconds(30)));
  EXPECT_TRUE(tunnel().logs("connected to ", 2, seconds(30)));
  EXPECT_TRUE(echoes(connect(), "after"));
  EXPECT_TRUE(eventually([this] { return server().log().find("from 10.97.0.3") != std::string::npos; }));
}

TUNNEL_RUN_SCENARIO(NetworkChange, native_only);

}  // namespace
}  // namespace tunnel::integration
