#include <thread>
#include <vector>

#include "support/pattern.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

constexpr seconds limit{100};

/// Reads four digits, answers with 1 MiB of the pattern that they seed.
origin::handler numbered_patterns() {
  return [](tcp_stream& client) {
    const auto seed = std::stoul(client.receive_exactly(4, limit));
    client.send(pattern(seed).next(mebibyte), limit);
  };
}

/// Asks for pattern number `seed`; empty when it came whole and unharmed.
std::string fetch(const tcp_stream& stream, std::uint64_t seed) {
  try {
    stream.send(std::to_string(seed));
    const auto got = stream.receive_to_end(limit);
    if (got.how == ending::reset) return "reset after " + std::to_string(got.data.size()) + " octets";
    if (got.data == pattern(seed).next(mebibyte)) return {};
    return "wrong octets, " + std::to_string(got.data.size()) + " of them";
  } catch (const std::exception& failed) {
    return failed.what();
  }
}

class ConcurrentFlows : public scenario {};

TEST_P(ConcurrentFlows, TwoHundredOfOneMebibyteArriveIntact) {
  static constexpr std::size_t flows = 200;
  const origin source(numbered_patterns());
  start_tunnel();
  const std::uint16_t proxy_port = port();

  std::vector<tcp_stream> streams;
  for (std::size_t i = 0; i < flows; ++i) {
    streams.push_back(tcp_stream::connect("127.0.0.1", proxy_port));
    streams.back().send(v5_greeting() + v5_request({"127.0.0.1", source.port()}));
  }
  for (const auto& stream : streams) {
    read_v5_method(stream, limit);
    ASSERT_EQ(read_v5_reply(stream, limit), reply::succeeded);
  }

  std::vector<std::string> failures(flows);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < flows; ++i)
    threads.emplace_back([&, i] { failures[i] = fetch(streams[i], 1000 + i); });
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < flows; ++i) EXPECT_EQ(failures[i], "") << "flow " << i;
}

TUNNEL_RUN_SCENARIO(ConcurrentFlows, every_server);

}  // namespace
}  // namespace tunnel::integration
