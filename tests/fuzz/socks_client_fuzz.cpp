#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "invariant.hpp"
#include "socks/client_handshake.hpp"

// What a SOCKS proxy answers. The first octet says how it is asked. However the rest is split, what is sent
// and the verdict are the same; there is a verdict within what the longest answers have, or more is wanted;
// and nothing beyond the answers is taken.

namespace {

using tunnel::octet_view;
using tunnel::octets;
using tunnel::fuzz::require;
namespace socks = tunnel::socks;

// Method selection, status, and a reply with the longest name.
constexpr std::size_t longest = 2 + 2 + 4 + 1 + 255 + 2;

struct outcome {
  octets sent;
  std::size_t taken = 0;
  std::optional<socks::verdict::kind> verdict;
  bool operator==(const outcome&) const = default;
};

outcome run(octet_view input, unsigned how, std::size_t step) {
  const auto speak = (how & 1U) == 0 ? socks::version::socks5 : socks::version::socks4;
  socks::address target{socks::ipv4{192, 0, 2, 1}, 22};
  if ((how & 2U) != 0) target.host = std::string("inner.example");
  std::optional<socks::credentials> known;
  if ((how & 4U) != 0) known.emplace(socks::credentials{"user", tunnel::secret(std::string("password"))});
  socks::client_handshake handshake(speak, target, std::move(known));
  outcome out;
  for (;;) {
    const auto more = handshake.take_output();
    out.sent.insert(out.sent.end(), more.begin(), more.end());
    require(handshake.outcome().has_value() == (handshake.wanted() == 0));
    const auto part = std::min({handshake.wanted(), step, input.size()});
    if (part == 0) break;
    handshake.feed(input.first(part));
    input = input.subspan(part);
    out.taken += part;
  }
  require(out.taken <= longest);
  if (const auto& verdict = handshake.outcome()) {
    out.verdict = verdict->outcome;
    require((verdict->outcome == socks::verdict::kind::connected) == verdict->reason.empty());
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const octet_view input(data + 1, size - 1);
  const auto at_once = run(input, data[0], size);
  require(run(input, data[0], 1) == at_once);
  require(run(input, data[0], 3) == at_once);
  return 0;
}
