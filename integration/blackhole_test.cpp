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
  std::vector<tcp_stream> stuck;
  for (int i = 0; i < 40; ++i) stuck.push_back(ask_for_blackhole());
  ASSERT_EQ(held_connections(port()), stuck.size());
  stuck.clear();
  EXPECT_TRUE(eventually([&] { return held_connections(port()) == 0; }, seconds(2)))
      << held_connections(port()) << " of 40 are left";
}

TEST_P(Blackhole, ServesOthersAfterManyHaveAskedForItAndLeft) {
  start_tunnel();
  {
    std::vector<tcp_stream> stuck;
    for (int i = 0; i < 20; ++i) stuck.push_back(ask_for_blackhole());
  }
  EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", echo_.port()}), "good"));
}

TUNNEL_RUN_SCENARIO(Blackhole, every_daemon);

}  // namespace
}  // namespace tunnel::integration
