#include <future>

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

TEST_P(StalledClient, IsWaitedForWithoutSpinningWhenTheServerHasFinished) {
  // Fits into the channel's window, so that the server's end of it comes while the client has yet to read.
  constexpr std::size_t size = 2 * mebibyte - 128 * 1024;
  std::promise<void> finished;
  const origin source([&](tcp_stream& client) {
    static_cast<void>(client.receive_to_end());
    client.send(pattern(5).next(size));
    finished.set_value();
  });
  const origin idle(silent());
  start_tunnel();
  const auto slow = connect_through(port(), {"127.0.0.1", source.port()});
  // Not through the tunnel: the slow client's is to be its only channel.
  const auto beside = tcp_stream::connect("127.0.0.1", idle.port());
  slow.shut_down_sending();
  ASSERT_EQ(finished.get_future().wait_for(patience), std::future_status::ready);

  const auto before = processor_time(tunnel().pid());
  EXPECT_FALSE(beside.readable(seconds(1)));
  EXPECT_LT(processor_time(tunnel().pid()) - before, milliseconds(500));
  const auto got = slow.receive_to_end();
  EXPECT_EQ(got.how, ending::end_of_stream);
  EXPECT_TRUE(got.data == pattern(5).next(size)) << got.data.size();
}

TUNNEL_RUN_SCENARIO(StalledClient, every_daemon);

}  // namespace
}  // namespace tunnel::integration
