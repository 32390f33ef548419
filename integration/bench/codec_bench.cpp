#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "socks/handshake.hpp"
#include "socks/reply.hpp"

// What the SOCKS codecs cost per flow: a handshake from its first octet to the request, and a reply.

namespace {

using tunnel::octet_view;
using tunnel::octets;
namespace socks = tunnel::socks;
using namespace std::string_view_literals;

constexpr auto socks4a_input = "\x04\x01\x01\xbb\0\0\0\x01user\0www.example.org\0"sv;
constexpr auto socks5_name_input = "\x05\x01\0\x05\x01\0\x03\x0fwww.example.org\x01\xbb"sv;
constexpr auto socks5_ipv6_input =
    "\x05\x01\0\x05\x01\0\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x01\xbb"sv;

// Handles events until the handshake waits or ends; the value says whether it ended in a request.
bool drain(socks::server_handshake& handshake) {
  socks::event current = handshake.next();
  while (std::holds_alternative<socks::outgoing>(current)) current = handshake.next();
  return std::holds_alternative<socks::request>(current);
}

void handshake_at_once(benchmark::State& state, std::string_view input) {
  for (auto _ : state) {
    socks::server_handshake handshake;
    handshake.feed(tunnel::as_octets(input));
    if (!drain(handshake)) state.SkipWithError("the handshake did not end in a request");
  }
}

void handshake_octet_by_octet(benchmark::State& state, std::string_view input) {
  const octet_view all = tunnel::as_octets(input);
  for (auto _ : state) {
    socks::server_handshake handshake;
    bool complete = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
      handshake.feed(all.subspan(i, 1));
      complete = drain(handshake);
    }
    if (!complete) state.SkipWithError("the handshake did not end in a request");
  }
}

// The dearest input for the codec: the longest valid request, dripping.
void longest_request_octet_by_octet(benchmark::State& state) {
  const std::string input = std::string("\x04\x01\x01\xbb\0\0\0\x01"sv) +
                            std::string(socks::max_user_id, 'u') + '\0' + std::string(socks::max_host, 'h') +
                            '\0';
  handshake_octet_by_octet(state, input);
}

void encode_reply(benchmark::State& state, socks::version to) {
  const socks::address bound{socks::ipv4{127, 0, 0, 1}, 1080};
  for (auto _ : state) {
    octets reply = socks::encode_reply(to, socks::reply_code::succeeded, bound);
    benchmark::DoNotOptimize(reply.data());
  }
}

BENCHMARK_CAPTURE(handshake_at_once, socks4a, socks4a_input);
BENCHMARK_CAPTURE(handshake_at_once, socks5_name, socks5_name_input);
BENCHMARK_CAPTURE(handshake_at_once, socks5_ipv6, socks5_ipv6_input);
BENCHMARK_CAPTURE(handshake_octet_by_octet, socks4a, socks4a_input);
BENCHMARK_CAPTURE(handshake_octet_by_octet, socks5_name, socks5_name_input);
BENCHMARK(longest_request_octet_by_octet);
BENCHMARK_CAPTURE(encode_reply, socks4, socks::version::socks4);
BENCHMARK_CAPTURE(encode_reply, socks5, socks::version::socks5);

}  // namespace
