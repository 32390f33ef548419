#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "invariant.hpp"
#include "udp/client/frame_splitter.hpp"
#include "udp/client/hev.hpp"

// What a hev-socks5-server sends: its answers, then frames. However it is split, the outcome is the same; a
// datagram that is short enough, written again, is read as the same.

namespace {

using tunnel::octet;
using tunnel::octet_view;
using tunnel::octets;
using tunnel::fuzz::require;
namespace hev = tunnel::udp::hev;

struct outcome {
  hev::handshake::state shaken = hev::handshake::state::incomplete;
  std::vector<octets> frames;
  bool operator==(const outcome&) const = default;
};

outcome take(octet_view input, std::size_t step) {
  hev::handshake handshake;
  tunnel::udp::frame_splitter<hev::frame_size> splitter;
  outcome so_far;
  while (!input.empty() && so_far.shaken != hev::handshake::state::failed) {
    auto part = input.first(std::min(step, input.size()));
    input = input.subspan(part.size());
    if (so_far.shaken == hev::handshake::state::incomplete) so_far.shaken = handshake.feed(part);
    if (so_far.shaken != hev::handshake::state::done) continue;
    splitter.feed(part, [&](octet_view frame) {
      so_far.frames.emplace_back(frame.begin(), frame.end());
      return true;
    });
  }
  require((so_far.shaken == hev::handshake::state::failed) == !handshake.reason().empty());
  return so_far;
}

void check(octet_view frame) {
  hev::datagram found;
  if (!hev::parse(frame, found)) return;
  std::array<octet, hev::max_header> header;
  const auto size = hev::write_header(header, found.peer, found.data.size());
  if (size == 0) return;
  octets again(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(size));
  again.insert(again.end(), found.data.begin(), found.data.end());
  require(std::ranges::equal(again, frame));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const octet_view input(data, size);
  const auto at_once = take(input, size + 1);
  require(take(input, 1) == at_once);
  require(take(input, size == 0 ? 1 : 1 + data[0] % 16) == at_once);
  for (const auto& each : at_once.frames) check(each);
  return 0;
}
