#include <gmock/gmock.h>

#include <vector>

#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

class Descriptors : public scenario {
 protected:
  origin echo_{echo()};
};

TEST_P(Descriptors, StayWhereTheyWereAfterAThousandConnections) {
  start_tunnel();
  const auto use_once = [&] {
    const auto stream = connect_through(port(), {"127.0.0.1", echo_.port()});
    ASSERT_TRUE(echoes(stream, "once"));
  };
  use_once();
  const auto settled = [&](std::size_t most) {
    return eventually([&] { return open_descriptors(tunnel().pid()) <= most; });
  };
  const auto first = open_descriptors(tunnel().pid());
  for (int i = 0; i < 1000; ++i) use_once();
  // `first` may have counted the descriptor of the first flow, which was just closing.
  EXPECT_TRUE(settled(first)) << first << " before, " << open_descriptors(tunnel().pid()) << " after";
}

TEST_P(Descriptors, AreLeftForAFetchWhileHalfOpenClientsHoldAllTheyCan) {
  start_tunnel({.descriptor_limit = 256});
  std::vector<tcp_stream> half_open;
  const std::string half_a_greeting = v5_greeting().substr(0, 1);
  for (int i = 0; i < 300; ++i) {
    half_open.push_back(tcp_stream::connect("127.0.0.1", port()));
    try {
      half_open.back().send(half_a_greeting);
    } catch (const std::system_error&) {
      // Evicted already, as the oldest may be.
    }
  }
  const stopwatch watch;
  EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", echo_.port()}), "legitimate"));
  EXPECT_LT(watch.elapsed(), seconds(2));
  half_open.clear();
  EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", echo_.port()}), "recovered"));
}

TEST_P(Descriptors, ThatFlowsHaveTakenUpAreWaitedForWithoutSpinning) {
  static constexpr unsigned limit = 256;
  start_tunnel({.descriptor_limit = limit});
  const auto begin_flow = [&] {
    auto stream = tcp_stream::connect("127.0.0.1", port());
    stream.send(v5_greeting() + v5_request({"127.0.0.1", echo_.port()}));
    return stream;
  };
  std::vector<tcp_stream> flows;
  for (unsigned i = 0; i < limit + 50; ++i) flows.push_back(begin_flow());
  // Clients that it has no descriptor for wait in the listener's backlog.
  // It keeps 72 for itself and takes the others.
  ASSERT_TRUE(eventually([&] { return echo_.accepted() >= limit - 100; }));
  EXPECT_FALSE(flows.back().readable(milliseconds(500)));

  const auto before = processor_time(tunnel().pid());
  EXPECT_FALSE(flows.back().readable(seconds(1)));
  EXPECT_LT(processor_time(tunnel().pid()) - before, milliseconds(300));
  EXPECT_TRUE(tunnel().running());

  flows.clear();
  EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", echo_.port()}), "recovered"));
}

TUNNEL_RUN_SCENARIO(Descriptors, every_daemon);

}  // namespace
}  // namespace tunnel::integration
