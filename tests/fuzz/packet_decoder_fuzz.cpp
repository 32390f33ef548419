// Any octets under any cipher suite give packets, a wait for more or an error; the same ones however the
// octets are split. A packet that the peer sealed as RFC 4253 section 6 says comes out as it went in; any
// other, and any that was changed on its way, is refused and delivers nothing.
//
// Input: an octet for the suite and, in its top bit, for the form. Without it, what follows are the octets
// that come. With it, packets to be sealed under the suite's fixed keys: an octet of flags, two octets when
// they ask for a flipped bit, four for a false packet_length, and a string, padding_length to padding.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "invariant.hpp"
#include "packet_suites.hpp"
#include "script.hpp"
#include "ssh/native/core/packet_decoder.hpp"

namespace {

using namespace tunnel;
using namespace tunnel::fuzz;
using namespace tunnel::ssh::native;

constexpr octet sealed_form = 0x80;
constexpr octet flip_flag = 1;
constexpr octet false_length_flag = 2;
constexpr std::size_t length_field = 4;

struct outcome {
  std::vector<octets> payloads;
  std::optional<error_code> failure;
  bool operator==(const outcome&) const = default;
};

// One for all inputs: it is large, and is empty between them.
inbound_buffer& empty_buffer() {
  static inbound_buffer buffer;
  buffer.consume(buffer.unread().size());
  buffer.room();
  return buffer;
}

// Takes all packets out that are there. False: there was an error.
bool take_packets(packet_decoder& decoder, inbound_buffer& buffer, outcome& so_far) {
  for (;;) {
    const auto packet = decoder.next(buffer);
    if (!packet) {
      require_explained(packet.error());
      so_far.failure = packet.error().code;
      return false;
    }
    if (!*packet) return true;
    require(!(*packet)->payload.empty());
    require((*packet)->sequence_number == so_far.payloads.size());
    so_far.payloads.emplace_back((*packet)->payload.begin(), (*packet)->payload.end());
    require(decoder.usage().packets == so_far.payloads.size());
  }
}

outcome decode(const packet_suite& suite, octet_view stream, std::optional<std::uint32_t> split_seed) {
  auto& buffer = empty_buffer();
  packet_decoder decoder;
  decoder.take_keys(suite.opener(), true);
  splitter pieces(split_seed.value_or(0), 64);
  outcome so_far;
  while (!stream.empty()) {
    const auto piece = stream.first(split_seed ? pieces.next(stream.size()) : stream.size());
    std::ranges::copy(piece, buffer.room().begin());
    buffer.add(piece.size());
    stream = stream.subspan(piece.size());
    if (!take_packets(decoder, buffer, so_far)) break;
  }
  require(decoder.usage().octets <= inbound_buffer::capacity);
  return so_far;
}

// RFC 4253 section 6: what the payload of such a packet is, if there can be such a packet.
std::optional<octets> payload_of(octet_view body, const packet_layout& layout) {
  const std::size_t aligned = body.size() + (layout.length_aligned ? length_field : 0);
  if (body.size() < 6 || aligned % layout.alignment != 0 || body.size() + length_field < layout.head_size)
    return std::nullopt;
  const std::size_t padding = body.front();
  if (padding < 4 || padding + 2 > body.size()) return std::nullopt;
  return octets(body.begin() + 1, body.end() - static_cast<std::ptrdiff_t>(padding));
}

struct sealed_stream {
  octets stream;
  /// The payloads up to the first packet that must be refused.
  std::vector<octets> expected;
  bool ends_in_refusal = false;
  /// Without a MAC a false packet can be a good one.
  bool is_predictable = true;
};

void append_packet(script& from, const packet_suite& suite, packet_sealer& sealer,
                   std::uint32_t sequence_number, sealed_stream& to) {
  const octet flags = from.byte();
  const std::uint32_t flipped = (flags & flip_flag) != 0 ? from.uint16() : 0;
  const std::uint32_t false_length = (flags & false_length_flag) != 0 ? from.uint32() : 0;
  const auto body = from.string();
  const auto size = static_cast<std::uint32_t>(body.size());
  const std::uint32_t length = (flags & false_length_flag) != 0 ? false_length : size;

  octets packet(length_field + body.size() + sealer.layout().tag_size);
  for (std::size_t i = 0; i < length_field; ++i) packet[i] = static_cast<octet>(length >> (8 * (3 - i)));
  std::ranges::copy(body, packet.begin() + length_field);
  sealer.seal(sequence_number, octet_span(packet).first(length_field + body.size()),
              octet_span(packet).subspan(length_field + body.size()));
  const bool changed = length != size || (flags & flip_flag) != 0;
  if ((flags & flip_flag) != 0)
    packet[(flipped / 8) % packet.size()] ^= static_cast<octet>(1U << (flipped % 8));
  to.stream.insert(to.stream.end(), packet.begin(), packet.end());

  if (changed && suite.is_plain()) to.is_predictable = false;
  if (to.ends_in_refusal) return;
  auto payload = changed ? std::nullopt : payload_of(body, sealer.layout());
  if (payload) {
    to.expected.push_back(std::move(*payload));
  } else {
    to.ends_in_refusal = true;
  }
}

sealed_stream seal(script& from, const packet_suite& suite) {
  const auto sealer = suite.sealer();
  sealed_stream made;
  // A false packet_length has the decoder wait for what may never come: what follows is for that too.
  for (std::uint32_t number = 0; !from.at_end() && made.stream.size() < inbound_buffer::capacity / 2;
       ++number)
    append_packet(from, suite, *sealer, number, made);
  return made;
}

void check_sealed(script& from, const packet_suite& suite, std::uint32_t split_seed) {
  const auto made = seal(from, suite);
  const auto at_once = decode(suite, made.stream, std::nullopt);
  require(decode(suite, made.stream, split_seed) == at_once);
  if (!made.is_predictable) return;
  require(at_once.payloads == made.expected);
  // One that must be refused may be waited for; one that must not be never fails.
  require(made.ends_in_refusal || !at_once.failure);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const octet_view input(data, size);
  script from(input);
  const octet choice = from.byte();
  const auto& suite = packet_suites[(choice & ~sealed_form) % packet_suites.size()];
  if ((choice & sealed_form) != 0) {
    check_sealed(from, suite, seed_of(input));
  } else {
    const auto stream = from.rest();
    require(decode(suite, stream, seed_of(input)) == decode(suite, stream, std::nullopt));
  }
  return 0;
}
