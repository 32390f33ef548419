#include <array>
#include <future>

#include "support/pattern.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

constexpr std::size_t amount = 64 * mebibyte;
constexpr seconds limit{100};

/// Sends `amount` octets of one pattern, then a FIN.
void send_pattern(const tcp_stream& stream, std::uint64_t seed) {
  pattern data(seed);
  for (std::size_t sent = 0; sent < amount; sent += mebibyte) stream.send(data.next(mebibyte), limit);
  stream.shut_down_sending();
}

/// Receives to the end and says how much of it was the pattern.
std::size_t receive_pattern(const tcp_stream& stream, std::uint64_t seed) {
  pattern expected(seed);
  std::array<char, 65536> space;
  std::size_t total = 0;
  while (const auto count = stream.receive_some(space, limit)) {
    if (!expected.continues_with({space.data(), count})) return total;
    total += count;
  }
  return total;
}

class Bulk : public scenario {};

TEST_P(Bulk, MovesSixtyFourMebibytesBothWaysAtOnce) {
  static constexpr std::uint64_t up = 1;
  static constexpr std::uint64_t down = 2;
  std::promise<std::size_t> received_above;
  const origin target([&](tcp_stream& client) {
    auto sending = std::async(std::launch::async, [&] { send_pattern(client, down); });
    received_above.set_value(receive_pattern(client, up));
    sending.get();
  });
  start_tunnel();
  const auto stream = connect_through(port(), {"127.0.0.1", target.port()});
  auto sending = std::async(std::launch::async, [&] { send_pattern(stream, up); });
  EXPECT_EQ(receive_pattern(stream, down), amount);
  sending.get();
  auto received = received_above.get_future();
  ASSERT_EQ(received.wait_for(limit), std::future_status::ready);
  EXPECT_EQ(received.get(), amount);
}

TUNNEL_RUN_SCENARIO(Bulk, every_server);

}  // namespace
}  // namespace tunnel::integration
