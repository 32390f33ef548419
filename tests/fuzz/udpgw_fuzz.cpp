#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "invariant.hpp"
#include "udp/client/frame_splitter.hpp"
#include "udp/client/udpgw.hpp"

// What a udpgw server sends. However it is split, the datagrams are the same; each, written again, is one
// that is read as the same.

namespace {

using tunnel::octet;
using tunnel::octet_view;
using tunnel::octets;
using tunnel::fuzz::require;
namespace udpgw = tunnel::udp::udpgw;

using frames = std::vector<octets>;

frames cut(octet_view input, std::size_t step) {
  tunnel::udp::frame_splitter<udpgw::frame_size> splitter;
  frames found;
  while (!input.empty()) {
    const auto part = input.first(std::min(step, input.size()));
    input = input.subspan(part.size());
    splitter.feed(part, [&](octet_view frame) {
      found.emplace_back(frame.begin(), frame.end());
      return true;
    });
  }
  return found;
}

void check(octet_view frame) {
  const auto found = udpgw::parse(frame);
  if (!found) return;
  require(found->data.size() <= frame.size());
  std::array<octet, udpgw::max_header> header;
  const auto size = udpgw::write_header(header, 0, found->conid, found->peer, found->data.size());
  octets again(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(size));
  again.insert(again.end(), found->data.begin(), found->data.end());
  require(udpgw::frame_size(again) == again.size());
  const auto same = udpgw::parse(again);
  require(same && same->conid == found->conid && same->peer == found->peer);
  require(std::ranges::equal(same->data, found->data));
  udpgw::conid_table table;
  require(!table.owner_of(found->conid, found->peer));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const octet_view input(data, size);
  const auto at_once = cut(input, size + 1);
  require(cut(input, 1) == at_once);
  require(cut(input, size == 0 ? 1 : 1 + data[0] % 16) == at_once);
  for (const auto& each : at_once) check(each);
  return 0;
}
