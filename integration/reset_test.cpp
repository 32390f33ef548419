#include <future>

#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

class Reset : public scenario {};

TEST_P(Reset, ByTheClientEndsTheTargetsConnection) {
  std::promise<void> ended;
  const origin target([&](tcp_stream& client) {
    client.send("greeting");
    static_cast<void>(client.receive_to_end());
    ended.set_value();
  });
  start_tunnel();
  auto stream = connect_through(port(), {"127.0.0.1", target.port()});
  ASSERT_EQ(stream.receive_exactly(8), "greeting");
  stream.reset();
  EXPECT_EQ(ended.get_future().wait_for(seconds(5)), std::future_status::ready);
}

TEST_P(Reset, ByTheClientDuringADownloadGivesItsDescriptorBack) {
  const origin source(endless(5));
  start_tunnel();
  auto stream = connect_through(port(), {"127.0.0.1", source.port()});
  static_cast<void>(stream.receive_exactly(100'000));
  stream.reset();
  EXPECT_TRUE(eventually([&] { return held_connections(port()) == 0; }, seconds(5)));
}

TEST_P(Reset, ByTheTargetEndsTheClientsConnection) {
  const origin target([](tcp_stream& client) {
    static_cast<void>(client.receive_exactly(5));
    client.reset();
  });
  start_tunnel();
  const auto stream = connect_through(port(), {"127.0.0.1", target.port()});
  stream.send("reset");
  EXPECT_EQ(stream.receive_to_end(seconds(5)).data, "");
}

TUNNEL_RUN_SCENARIO(Reset, every_daemon);

}  // namespace
}  // namespace tunnel::integration
