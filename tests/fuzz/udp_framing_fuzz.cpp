// Any octets behind a good greeting, and any with none, give events or an error; the same ones however they
// are split. What an event says encodes to a frame that reads as the same event.
//
// Input: an octet for the form (1: behind a greeting, 2: noise may come before one, others: none may), and
// what the peer sends.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "invariant.hpp"
#include "udp/framing/decoder.hpp"
#include "udp/framing/encoder.hpp"

namespace {

using namespace tunnel;
using namespace tunnel::udp::framing;
using fuzz::require;

// A frame for what the event says; empty for a greeting.
octets encoded(const event& each) {
  static octets frame(max_frame);
  std::size_t size = 0;
  if (const auto* got = std::get_if<datagram>(&each)) {
    size = encode_datagram(frame, got->association, got->address, got->payload);
    require(to_address(got->address).port == got->address.port);
  } else if (const auto* got_closed = std::get_if<closed>(&each)) {
    size = encode_close(frame, got_closed->association, got_closed->reason);
  } else if (const auto* got_notice = std::get_if<notice>(&each)) {
    size = encode_notice(frame, got_notice->association, got_notice->text);
  }
  return {frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size)};
}

struct outcome {
  std::vector<octets> frames;
  error_code failure;
  bool operator==(const outcome&) const = default;
};

void take(decoder& from, outcome& so_far) {
  for (;;) {
    const auto next = from.next();
    if (!next) {
      fuzz::require_explained(next.error());
      so_far.failure = next.error().code;
      return;
    }
    if (std::holds_alternative<need_more>(*next)) return;
    require(std::holds_alternative<greeting>(*next) == so_far.frames.empty());
    so_far.frames.push_back(encoded(*next));
  }
}

// Feeds chunks of `piece_size`, each in storage of its own.
outcome decode(octet_view stream, before_greeting allowed, std::size_t piece_size) {
  decoder from(allowed);
  outcome got;
  while (!stream.empty() && !got.failure.failed()) {
    const auto piece = stream.first(std::min(piece_size, stream.size()));
    const octets copy(piece.begin(), piece.end());
    from.feed(copy);
    take(from, got);
    stream = stream.subspan(piece.size());
  }
  require(from.has_greeted() || got.frames.empty());
  return got;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto allowed = data[0] == 2 ? before_greeting::noise : before_greeting::nothing;
  octets stream;
  if (data[0] == 1) stream.assign(greeting_octets.begin(), greeting_octets.end());
  stream.insert(stream.end(), data + 1, data + size);

  const outcome at_once = decode(stream, allowed, stream.size());
  require(decode(stream, allowed, 1 + size % 7) == at_once);

  // What was read reads the same once more.
  octets again(greeting_octets.begin(), greeting_octets.end());
  for (const auto& frame : at_once.frames) again.insert(again.end(), frame.begin(), frame.end());
  if (!at_once.frames.empty())
    require(decode(again, before_greeting::nothing, again.size()).frames == at_once.frames);
  return 0;
}
