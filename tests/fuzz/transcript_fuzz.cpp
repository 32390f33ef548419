// A whole connection of the client core, played to it from what a real server once sent: the client's random
// octets are what they were, so that all of it can be decrypted. Whatever becomes of these octets, the client
// goes on or fails with an explanation, and says the same however they are split.
//
// Input: two octets for the seed of the split, then what the server sends.

#include <algorithm>
#include <cstdint>

#include "invariant.hpp"
#include "recorded_user.hpp"
#include "script.hpp"

namespace {

using namespace tunnel;
using namespace tunnel::fuzz;

struct outcome {
  bool authenticated = false;
  std::optional<error_code> failure;
  octets sent;
  bool operator==(const outcome&) const = default;
};

void drain(recorded_user& user, outcome& so_far) {
  const auto pending = user.link().pending();
  so_far.sent.insert(so_far.sent.end(), pending.begin(), pending.end());
  user.link().sent(pending.size());
}

outcome play(octet_view stream, std::uint32_t seed) {
  recorded_user user(recorded_user::usual());
  splitter pieces(seed, 512);
  outcome so_far;
  while (!stream.empty() && !user.failure()) {
    const auto piece = stream.first(seed == 0 ? stream.size() : pieces.next(stream.size()));
    stream = stream.subspan(piece.size());
    user.receive(piece);
    drain(user, so_far);
  }
  if (user.failure()) {
    require_explained(*user.failure());
    so_far.failure = user.failure()->code;
  }
  so_far.authenticated = user.authenticated();
  return so_far;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  script from({data, size});
  const auto seed = from.uint16();
  const auto stream = from.rest();
  const auto at_once = play(stream, 0);
  if (seed != 0) require(play(stream, seed) == at_once);
  return 0;
}
