#include "support/scenario.hpp"
#include "support/transfer.hpp"

namespace tunnel::integration {
namespace {

class ConcurrentFlows : public scenario {};

TEST_P(ConcurrentFlows, TwoHundredOfOneMebibyteArriveIntact) {
  start_tunnel();
  EXPECT_EQ(fetch_patterns(port(), 200, seconds(100)), "");
}

TUNNEL_RUN_SCENARIO(ConcurrentFlows, every_daemon);

}  // namespace
}  // namespace tunnel::integration
