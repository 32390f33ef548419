#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "invariant.hpp"
#include "socks/address.hpp"
#include "socks/handshake.hpp"

// Any octets give an event within bounded memory; however they are split, the events, the octets sent and
// the early data are the same; a handshake that waits has room; and a request keeps its promises.

namespace {

using tunnel::octet_view;
using tunnel::octets;
using tunnel::fuzz::require;
namespace socks = tunnel::socks;

struct outcome {
  octets sent;
  socks::event last;
  octets early_data;
  bool operator==(const outcome&) const = default;
};

void drain(socks::server_handshake& handshake, outcome& so_far) {
  so_far.last = handshake.next();
  while (auto* out = std::get_if<socks::outgoing>(&so_far.last)) {
    so_far.sent.insert(so_far.sent.end(), out->data.begin(), out->data.end());
    // One method selection is all that a server says before the request is answered.
    require(so_far.sent.size() <= 2);
    so_far.last = handshake.next();
  }
  const bool waits = std::holds_alternative<socks::need_more>(so_far.last);
  require(!waits || handshake.room() > 0);
}

// Feeds chunks whose sizes, 1 to 16 octets, the seed decides; 0 feeds everything at once.
outcome run(octet_view input, std::uint32_t seed) {
  socks::server_handshake handshake;
  outcome out;
  drain(handshake, out);
  while (!input.empty()) {
    const std::size_t wanted = seed == 0 ? input.size() : 1 + (seed >> 28);
    seed = seed == 0 ? 0 : seed * 1664525U + 1013904223U;
    const std::size_t offered = std::min(wanted, input.size());
    const std::size_t taken = handshake.feed(input.first(offered));
    require(taken <= offered);
    drain(handshake, out);
    if (taken < offered) break;
    input = input.subspan(taken);
  }
  out.early_data = handshake.take_early_data();
  require(handshake.take_early_data().empty());
  return out;
}

void check(const socks::request& request) {
  const auto* name = std::get_if<std::string>(&request.destination.host);
  require(name == nullptr || (!name->empty() && name->size() <= socks::max_host));
  require(name == nullptr || name->find('\0') == std::string::npos);
  require(request.user_id.size() <= socks::max_user_id);
  require(!request.destination.to_string().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const octet_view input(data, size);
  const outcome at_once = run(input, 0);
  require(at_once.early_data.size() <= socks::max_handshake);
  if (const auto* request = std::get_if<socks::request>(&at_once.last)) check(*request);

  std::uint32_t seed = 1;
  for (const octets::value_type value : input.first(std::min<std::size_t>(size, 8))) seed = seed * 31 + value;
  require(run(input, seed | 1) == at_once);
  return 0;
}
