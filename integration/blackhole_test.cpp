#include "support/blackhole.hpp"

#include <vector>

#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

class Blackhole : public scenario {
 protected:
  tcp_stream ask_for_blackhole() {
    auto proxy = tcp_stream::connect("127.0.0.1", port());
    proxy.send(v5_greeting() + v5_request({"127.0.0.1", hole_.port()}));
    read_v5_method(proxy);
    return proxy;
  }

  blackhole hole_;
  origin echo_{echo()};
};

TEST_P(Blackhole, DelaysNobodyElse) {
  start_tunnel();
  const auto stuck = ask_for_blackhole();
  for (int i = 0; i < 20; ++i) {
    const stopwatch watch;
    EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", echo_.port()}), "good"));
    EXPECT_LT(watch.elapsed(), seconds(1)) << "good target number " << i;
  }
  EXPECT_FALSE(stuck.readable(milliseconds(0))) << "the blackholed request was answered";
}

TEST_P(Blackhole, DelaysNobodyElseWhenAllAskAtOnce) {
  start_tunnel();
  const auto stuck = ask_for_blackhole();
  const stopwatch watch;
  std::vector<tcp_stream> good;
  for (int i = 0; i < 20; ++i) {
    good.push_back(tcp_stream::connect("127.0.0.1", port()));
    good.back().send(v5_greeting() + v5_request({"127.0.0.1", echo_.port()}));
  }
  for (const auto& proxy : good) {
    read_v5_method(proxy);
    EXPECT_EQ(read_v5_reply(proxy), reply::succeeded);
  }
  EXPECT_LT(watch.elapsed(), seconds(1));
}

TEST_P(Blackhole, GivesTheDescriptorOfAClientThatLeftBack) {
  start_tunnel();
  const auto before = open_descriptors(tunnel().pid());
  std::vector<tcp_stream> stuck;
  for (int i = 0; i < 40; ++i) stuck.push_back(ask_for_blackhole());
  ASSERT_TRUE(eventually([&] { return open_descriptors(tunnel().pid()) >= before + stuck.size(); }));
  // Sessions opened for the waiting requests may stay; the clients' sockets may not.
  std::size_t during = open_descriptors(tunnel().pid());
  const auto clients = stuck.size();
  stuck.clear();
  EXPECT_TRUE(eventually([&] { return open_descriptors(tunnel().pid()) + clients <= during; }, seconds(2)))
      << during << " descriptors while " << clients << " clients waited, " << open_descriptors(tunnel().pid())
      << " after they left";
}

TEST_P(Blackhole, ServesOthersAfterManyHaveAskedForItAndLeft) {
  start_tunnel();
  {
    std::vector<tcp_stream> stuck;
    for (int i = 0; i < 20; ++i) stuck.push_back(ask_for_blackhole());
  }
  EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", echo_.port()}), "good"));
}

TUNNEL_RUN_SCENARIO(Blackhole, every_server);

}  // namespace
}  // namespace tunnel::integration
