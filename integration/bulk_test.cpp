#include <future>

#include "support/pattern.hpp"
#include "support/scenario.hpp"
#include "support/transfer.hpp"

namespace tunnel::integration {
namespace {

constexpr std::size_t amount = 64 * mebibyte;
constexpr seconds limit{100};

class Bulk : public scenario {};

TEST_P(Bulk, MovesSixtyFourMebibytesBothWaysAtOnce) {
  static constexpr std::uint64_t up = 1;
  static constexpr std::uint64_t down = 2;
  const auto send_and_end = [](const tcp_stream& stream, std::uint64_t seed) {
    send_pattern(stream, seed, amount, limit);
    stream.shut_down_sending();
  };
  std::promise<std::size_t> received_above;
  const origin target([&](tcp_stream& client) {
    auto sending = std::async(std::launch::async, [&] { send_and_end(client, down); });
    received_above.set_value(receive_pattern(client, up, limit));
    sending.get();
  });
  start_tunnel();
  const auto stream = connect_through(port(), {"127.0.0.1", target.port()});
  auto sending = std::async(std::launch::async, [&] { send_and_end(stream, up); });
  EXPECT_EQ(receive_pattern(stream, down, limit), amount);
  sending.get();
  auto received = received_above.get_future();
  ASSERT_EQ(received.wait_for(limit), std::future_status::ready);
  EXPECT_EQ(received.get(), amount);
}

TUNNEL_RUN_SCENARIO(Bulk, every_daemon);

}  // namespace
}  // namespace tunnel::integration
