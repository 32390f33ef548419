#include <cstddef>
#include <cstdint>
#include <string>

#include "invariant.hpp"
#include "path/http_connect.hpp"

// What an HTTP proxy answers to CONNECT. There is a verdict within the limits, or more is wanted; words of
// the proxy's are safe to show; with credentials and without, the same answers connect; and what comes behind
// the answer changes nothing.

namespace {

using tunnel::octet_view;
using tunnel::fuzz::require;
using tunnel::path::http_connect;
namespace socks = tunnel::socks;
using kind = socks::verdict::kind;

struct outcome {
  std::size_t taken = 0;
  std::optional<socks::verdict> verdict;
};

outcome run(octet_view input, const std::optional<socks::credentials>& known) {
  http_connect handshake({"inner.example", 22}, known);
  require(!handshake.take_output().empty());
  outcome out;
  while (out.taken < input.size() && handshake.wanted() > 0) {
    handshake.feed(input.subspan(out.taken, 1));
    ++out.taken;
  }
  require(out.taken <= http_connect::max_head + 1);
  out.verdict = handshake.outcome();
  require(out.verdict || handshake.wanted() == 1);
  if (!out.verdict) return out;
  require((out.verdict->outcome == kind::connected) == out.verdict->reason.empty());
  for (const char each : out.verdict->reason)
    require(static_cast<unsigned char>(each) >= 0x20 && each != 0x7f);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const octet_view input(data, size);
  const auto without = run(input, std::nullopt);
  socks::credentials known{"user", tunnel::secret(std::string("password"))};
  const auto with = run(input, std::move(known));
  require(with.taken == without.taken && with.verdict.has_value() == without.verdict.has_value());
  if (!with.verdict) return 0;
  require((with.verdict->outcome == kind::connected) == (without.verdict->outcome == kind::connected));
  require(with.verdict->outcome != kind::wants_credentials);
  const auto cut = run(input.first(with.taken), std::nullopt);
  require(cut.verdict && cut.verdict->outcome == without.verdict->outcome);
  return 0;
}
