#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "invariant.hpp"
#include "socks/udp_header.hpp"

// A datagram from a SOCKS client. Any octets are a datagram or none; one that is has a peer that can be
// passed on, and its header, written again, is what was read.

using tunnel::octet;
using tunnel::octet_view;
using tunnel::fuzz::require;
namespace socks = tunnel::socks;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const octet_view input(data, size);
  socks::udp_datagram found;
  if (!socks::parse_udp_datagram(input, found)) return 0;
  if (const auto* name = std::get_if<std::string>(&found.peer.host)) {
    require(!name->empty() && name->size() <= socks::max_host && name->find('\0') == std::string::npos);
  }
  require(!found.peer.to_string().empty());
  std::array<octet, socks::max_udp_header> header;
  const auto length = socks::write_udp_header(header, found.peer);
  header[2] = found.fragment;
  require(length + found.data.size() == input.size());
  require(std::ranges::equal(octet_view(header).first(length), input.first(length)));
  require(std::ranges::equal(found.data, input.subspan(length)));
  return 0;
}
