#include "support/blackhole.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

class OpenTimeout : public scenario {};

TEST_P(OpenTimeout, AnswersAfterThirtySeconds) {
  const blackhole hole;
  start_tunnel();
  // SOCKS4 has no reply for it; both requests run out of time together.
  const auto v4 = tcp_stream::connect("127.0.0.1", port());
  v4.send(v4_request({"127.0.0.1", hole.port()}));
  const stopwatch watch;
  const auto [stream, code] = ask(port(), socks_version::v5, {"127.0.0.1", hole.port()}, seconds(45));
  EXPECT_EQ(code, expected_reply(engine(), failure::timed_out));
  EXPECT_GE(watch.elapsed(), seconds(29));
  EXPECT_LE(watch.elapsed(), seconds(33));
  EXPECT_EQ(read_v4_reply(v4), reply::v4_rejected);
}

TUNNEL_RUN_SCENARIO(OpenTimeout, openssh_only);

}  // namespace
}  // namespace tunnel::integration
