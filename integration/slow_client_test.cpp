#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

/// Sends one octet of `request` every half second until the proxy ends the connection; how long that took.
milliseconds drip(const tcp_stream& proxy, const std::string& request) {
  const stopwatch watch;
  for (const char octet : request) {
    try {
      proxy.send({&octet, 1});
    } catch (const std::system_error&) {
      break;
    }
    if (proxy.readable(milliseconds(500))) break;
  }
  return watch.elapsed();
}

class SlowClient : public scenario {};

TEST_P(SlowClient, IsDroppedFifteenSecondsAfterItConnected) {
  start_tunnel();
  const auto idle = tcp_stream::connect("127.0.0.1", port());
  const auto dripping = tcp_stream::connect("127.0.0.1", port());
  const auto took = drip(dripping, v4_request({std::string(60, 'a'), 80}));
  EXPECT_GE(took, milliseconds(14'000));
  EXPECT_LE(took, milliseconds(17'000));
  EXPECT_TRUE(idle.readable(seconds(2))) << "a client that sent nothing is still connected";
}

TUNNEL_RUN_SCENARIO(SlowClient, openssh_only);

}  // namespace
}  // namespace tunnel::integration
