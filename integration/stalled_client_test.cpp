#include "support/pattern.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

/// What one client that does not read may cost: a channel's window and 256 KiB of the project's own, and as
/// much again for what an allocator keeps.
constexpr std::size_t most_growth = 16 * mebibyte;

class StalledClient : public scenario {};

TEST_P(StalledClient, CostsBoundedMemoryAndStallsNobody) {
  const origin source(endless(4));
  // What is freed shall not be kept to detect its use, in builds that do so.
  start_tunnel({.environment = {{"ASAN_OPTIONS", "quarantine_size_mb=1"}}});
  const auto warm = connect_through(port(), {"127.0.0.1", source.port()});
  static_cast<void>(warm.receive_exactly(16 * mebibyte));

  const auto before = resident_memory(tunnel().pid());
  const auto stalled = connect_through(port(), {"127.0.0.1", source.port()});
  const auto reading = connect_through(port(), {"127.0.0.1", source.port()});
  pattern expected(4);
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(expected.continues_with(reading.receive_exactly(mebibyte)));
  // `warm` has stopped reading too.
  const auto after = resident_memory(tunnel().pid());
  EXPECT_LT(after, before + 2 * most_growth);

  pattern from_the_start(4);
  EXPECT_TRUE(from_the_start.continues_with(stalled.receive_exactly(16 * mebibyte)));
}

TUNNEL_RUN_SCENARIO(StalledClient, every_server);

}  // namespace
}  // namespace tunnel::integration
