#include "support/transfer.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <future>
#include <thread>
#include <vector>

#include "support/pattern.hpp"
#include "support/socks_client.hpp"

namespace tunnel::integration {
namespace {

constexpr std::uint64_t up = 1;
constexpr std::uint64_t down = 2;

/// Reads four digits, answers with 1 MiB of the pattern that they seed.
origin::handler numbered_patterns(milliseconds limit) {
  return [limit](tcp_stream& client) {
    const auto seed = std::stoul(client.receive_exactly(4, limit));
    client.send(pattern(seed).next(mebibyte), limit);
  };
}

/// Asks for pattern number `seed`; empty when it came whole and unharmed.
std::string fetch(const tcp_stream& stream, std::uint64_t seed, milliseconds limit) {
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

/// Connects as many clients at once, by one request each.
std::vector<tcp_stream> connect_at_once(std::uint16_t proxy_port, const target& where, std::size_t flows,
                                        milliseconds limit) {
  std::vector<tcp_stream> streams;
  for (std::size_t i = 0; i < flows; ++i) {
    streams.push_back(tcp_stream::connect("127.0.0.1", proxy_port));
    streams.back().send(v5_greeting() + v5_request(where));
  }
  for (const auto& stream : streams) {
    read_v5_method(stream, limit);
    if (read_v5_reply(stream, limit) != reply::succeeded)
      throw std::runtime_error("the proxy refused one of " + std::to_string(flows) + " flows");
  }
  return streams;
}

std::string complaint(const char* direction, std::size_t arrived, std::size_t amount) {
  if (arrived == amount) return {};
  return std::to_string(arrived) + " octets of " + std::to_string(amount) + ' ' + direction + "; ";
}

}  // namespace

void send_pattern(const tcp_stream& stream, std::uint64_t seed, std::size_t amount, milliseconds limit) {
  pattern data(seed);
  for (std::size_t sent = 0; sent < amount; sent += mebibyte)
    stream.send(data.next(std::min(mebibyte, amount - sent)), limit);
}

std::size_t receive_pattern(const tcp_stream& stream, std::uint64_t seed, milliseconds limit,
                            std::size_t at_most) {
  pattern expected(seed);
  std::array<char, 65536> space;
  std::size_t total = 0;
  while (total < at_most) {
    const auto count =
        stream.receive_some(std::span(space).first(std::min(space.size(), at_most - total)), limit);
    if (count == 0 || !expected.continues_with({space.data(), count})) return total;
    total += count;
  }
  return total;
}

std::string exchange_patterns(std::uint16_t proxy_port, std::size_t amount, milliseconds limit) {
  std::promise<std::size_t> arrived_above;
  const origin above([&](tcp_stream& client) {
    auto sending = std::async(std::launch::async, [&] { send_pattern(client, down, amount, limit); });
    arrived_above.set_value(receive_pattern(client, up, limit, amount));
    sending.get();
  });
  const auto stream = connect_through(proxy_port, {"127.0.0.1", above.port()});
  auto sending = std::async(std::launch::async, [&] { send_pattern(stream, up, amount, limit); });
  try {
    const auto arrived = receive_pattern(stream, down, limit);
    sending.get();
    auto above_result = arrived_above.get_future();
    if (above_result.wait_for(limit) != std::future_status::ready) return "the target still receives";
    return complaint("up", above_result.get(), amount) + complaint("down", arrived, amount);
  } catch (const std::exception& failed) {
    // A sender that still waits for room would keep its thread, and so this function, till its limit.
    stream.shut_down();
    return failed.what();
  }
}

std::string fetch_patterns(std::uint16_t proxy_port, std::size_t flows, milliseconds limit) {
  const origin source(numbered_patterns(limit));
  const auto streams = connect_at_once(proxy_port, {"127.0.0.1", source.port()}, flows, limit);
  std::vector<std::string> failures(flows);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < flows; ++i)
    threads.emplace_back([&, i] { failures[i] = fetch(streams[i], 1000 + i, limit); });
  for (auto& thread : threads) thread.join();

  std::string report;
  for (std::size_t i = 0; i < flows; ++i)
    if (!failures[i].empty()) report += "flow " + std::to_string(i) + ": " + failures[i] + '\n';
  return report;
}

}  // namespace tunnel::integration
