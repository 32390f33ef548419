// RFC 4253 section 6 under every cipher: packets that cannot be, and octets that were changed on their way.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "reaction.hpp"
#include "ssh/native/core/message.hpp"
#include "ssh/native/core/packet_decoder.hpp"
#include "suites.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {
namespace {

using support::session;

constexpr std::uint32_t max_length = packet_decoder::max_packet_length;

octets joined(const std::vector<octets>& parts) {
  octets whole;
  for (const auto& each : parts) whole.insert(whole.end(), each.begin(), each.end());
  return whole;
}

class UnderASuite : public testing::TestWithParam<suite> {
 protected:
  /// With an open channel, number 0.
  static session begin() { return session(GetParam().server()); }
  static void reach(session& both) {
    both.authenticate();
    both.open_channel();
  }
};

INSTANTIATE_TEST_SUITE_P(Packets, UnderASuite, testing::ValuesIn(every_suite()), name_of);

// --- lengths -----------------------------------------------------------------------------------------------

// What RFC 4253 section 6 and this side's limit leave, written down once more.
bool is_possible(std::uint32_t length, const packet_layout& layout) {
  if (length > max_length) return false;
  const std::size_t aligned = length + (layout.length_aligned ? 4 : 0);
  return aligned % layout.alignment == 0 && length >= 1 + 1 + 4 && length + 4 >= layout.head_size;
}

TEST_P(UnderASuite, ALengthThatCannotBeIsRefusedBeforeAnythingElseComes) {
  std::vector<std::uint32_t> lengths;
  for (std::uint32_t length = 0; length <= 64; ++length) lengths.push_back(length);
  for (const std::uint32_t near : {max_length, 0x7fffffffU, 0x80000000U, 0xffffffffU - 16})
    for (const std::uint32_t away : {0U, 1U, 4U, 8U, 12U, 15U, 16U})
      lengths.insert(lengths.end(), {near - away, near + away});
  for (const auto length : lengths) {
    SCOPED_TRACE("length " + std::to_string(length));
    session both = begin();
    both.authenticate();
    const auto layout = both.server.packets().layout();
    octets packet(std::max<std::size_t>(layout.head_size, 4), 0);
    support::put_length(packet, length);
    auto sealed = both.server.packets().seal(packet);
    sealed.resize(packet.size());
    both.server.raw(sealed);
    both.pump();
    if (is_possible(length, layout))
      expect_peace(both);
    else
      expect_violation(both, "impossible length");
  }
}

TEST_P(UnderASuite, TheLargestPacketIsTakenAndTheNextLargerOneIsNot) {
  for (const bool too_large : {false, true}) {
    session both = begin();
    both.authenticate();
    const auto layout = both.server.packets().layout();
    std::size_t length = max_length - (layout.length_aligned ? 4 : 0);
    if (too_large) length += layout.alignment;
    octets packet(4 + length, 0x5a);
    support::put_length(packet, static_cast<std::uint32_t>(length));
    packet[4] = 4;
    packet[5] = message::ignore;
    both.server.raw(both.server.packets().seal(packet));
    both.say(support::ping());
    if (too_large) {
      expect_violation(both, "impossible length");
    } else {
      expect_peace(both);
      EXPECT_EQ(both.server.count(message::pong), 1U);
    }
  }
}

// --- padding and payload, all of it authentic --------------------------------------------------------------

TEST_P(UnderASuite, PaddingThatCannotBeIsRefused) {
  const octets payload = support::ignore("some noise of which some may be padding");
  const auto try_padding = [&payload](session& both, auto choose) {
    both.authenticate();
    auto packet = both.server.packets().framed(payload);
    packet[4] = static_cast<octet>(choose(packet.size() - 4));
    both.server.raw(both.server.packets().seal(packet));
    both.pump();
  };
  for (const std::size_t padding : {0U, 1U, 2U, 3U, 255U}) {
    SCOPED_TRACE("padding_length " + std::to_string(padding));
    session both = begin();
    try_padding(both, [padding](std::size_t /*packet_length*/) { return padding; });
    expect_violation(both, "impossible padding");
  }
  // All but padding_length itself, and that too: neither leaves a payload.
  for (const std::size_t left : {1U, 0U}) {
    SCOPED_TRACE("all but " + std::to_string(left) + " octets are padding");
    session both = begin();
    try_padding(both, [left](std::size_t packet_length) { return packet_length - left; });
    expect_violation(both, "impossible padding");
  }
  session both = begin();
  try_padding(both, [](std::size_t packet_length) { return packet_length - 2; });
  expect_peace(both);
}

TEST_P(UnderASuite, APacketWithoutAPayloadIsRefused) {
  session both = begin();
  both.authenticate();
  both.server.raw(both.server.packets().sealed({}));
  both.pump();
  expect_violation(both);
}

TEST_P(UnderASuite, UpTo255OctetsOfPaddingAreTaken) {
  session both = begin();
  both.authenticate();
  const auto layout = both.server.packets().layout();
  auto packet = both.server.packets().framed(support::ping());
  while (packet[4] + layout.alignment <= 255) {
    packet.resize(packet.size() + layout.alignment);
    packet[4] = static_cast<octet>(packet[4] + layout.alignment);
  }
  support::put_length(packet, static_cast<std::uint32_t>(packet.size() - 4));
  both.server.raw(both.server.packets().seal(packet));
  both.pump();
  expect_peace(both);
  EXPECT_EQ(both.server.count(message::pong), 1U);
}

// --- a tampered stream -------------------------------------------------------------------------------------

// Three packets of data, as they are on the wire.
std::vector<octets> record(session& both) {
  std::vector<octets> packets;
  for (const std::string_view text : {"first", "second, and somewhat longer than it need be", "third"})
    packets.push_back(both.server.packets().sealed(support::channel_data(0, as_octets(text))));
  return packets;
}
constexpr std::string_view recorded = "firstsecond, and somewhat longer than it need bethird";

TEST_P(UnderASuite, AFlippedBitNeverChangesWhatIsDelivered) {
  std::size_t offsets = 0;
  for (std::size_t pass = 0; offsets < 256; ++pass) {
    std::size_t size = 1;
    for (std::size_t at = 0; at < size; ++at, ++offsets) {
      const auto bit = (at + pass) % 8;
      SCOPED_TRACE("octet " + std::to_string(at) + ", bit " + std::to_string(bit));
      session both = begin();
      reach(both);
      auto stream = joined(record(both));
      size = stream.size();
      stream[at] ^= static_cast<octet>(1U << bit);
      both.server.raw(stream);
      both.pump();
      const auto delivered = as_text(both.user.delivered(0));
      EXPECT_TRUE(recorded.starts_with(delivered)) << delivered;
      EXPECT_LT(delivered.size(), recorded.size());
      // A length that has become longer: the client still waits for its end.
      if (!both.user.failure()) continue;
      const bool damaged = both.user.failure()->code == errc::mac_error;
      expect_disconnect(both, damaged ? errc::mac_error : errc::protocol_error,
                        damaged ? "MAC is wrong" : "impossible length");
    }
  }
}

TEST_P(UnderASuite, AWrongTagIsAMacErrorWhateverItsOctets) {
  for (const octet value : {octet{0x00}, octet{0xff}, octet{0x5a}}) {
    session both = begin();
    reach(both);
    auto packet = both.server.packets().sealed(support::channel_data(0, as_octets("data")));
    std::fill_n(packet.rbegin(), both.server.packets().layout().tag_size, value);
    both.server.raw(packet);
    both.pump();
    expect_disconnect(both, errc::mac_error);
    EXPECT_TRUE(both.user.delivered(0).empty());
  }
}

// Only the MAC can tell, by the sequence number (RFC 4253 section 6.4) or the AEAD's counter.
TEST_P(UnderASuite, PacketsLeftOutRepeatedOrInAnotherOrderEndTheConnection) {
  struct row {
    std::string_view what;
    std::vector<std::size_t> order;
    std::string_view delivered;
  };
  const std::vector<row> table{
      {"the first left out", {1, 2}, ""},
      {"the second left out", {0, 2}, "first"},
      {"the first repeated", {0, 0, 1}, "first"},
      {"the first repeated later", {0, 1, 0}, "firstsecond, and somewhat longer than it need be"},
      {"two in another order", {1, 0, 2}, ""},
      {"backwards", {2, 1, 0}, ""}};
  for (const auto& [what, order, delivered] : table) {
    SCOPED_TRACE(what);
    session both = begin();
    reach(both);
    const auto packets = record(both);
    for (const auto each : order) both.server.raw(packets[each]);
    both.pump();
    EXPECT_EQ(as_text(both.user.delivered(0)), delivered);
    // A length that is encrypted with the sequence number may turn out to be too long to wait for, or long
    // enough to wait.
    if (!both.user.failure()) continue;
    const bool damaged = both.user.failure()->code == errc::mac_error;
    expect_disconnect(both, damaged ? errc::mac_error : errc::protocol_error);
  }
}

// What the server itself sent, come back.
TEST_P(UnderASuite, TheClientsOwnPacketsAreNotTakenForTheServers) {
  session both = begin();
  reach(both);
  std::array<octet_span, 1> places;
  ASSERT_EQ(both.user.connection().prepare(0, places), 1U);
  both.user.connection().commit(0, places[0].size(), both.user.now());
  const octets own(both.user.pending().begin(), both.user.pending().end());
  both.server.raw(own);
  both.pump();
  ASSERT_TRUE(both.user.failure());
  const bool damaged = both.user.failure()->code == errc::mac_error;
  expect_disconnect(both, damaged ? errc::mac_error : errc::protocol_error);
  EXPECT_TRUE(both.user.delivered(0).empty());
}

// --- in clear ----------------------------------------------------------------------------------------------

// A packet in clear before the first key exchange, with any length and padding.
octets in_clear(std::uint32_t length, octet padding, std::size_t content) {
  octets packet;
  wire::writer(packet).uint32(length).byte(padding).byte(message::ignore).raw(octets(content, 0));
  return packet;
}

TEST(PacketsInClear, ThatCannotBeAreRefused) {
  struct row {
    std::string_view what;
    octets packet;
  };
  const std::vector<row> table{{"no octet at all", in_clear(0, 0, 2)},
                               {"nothing but padding_length", in_clear(1, 4, 2)},
                               {"less than padding", in_clear(5, 4, 6)},
                               {"off by one from a multiple of 8", in_clear(11, 4, 9)},
                               {"off by one from a multiple of 8", in_clear(13, 4, 11)},
                               {"longer than is taken", in_clear(max_length + 4, 4, 6)},
                               {"as long as can be", in_clear(0xffffffff, 4, 6)},
                               {"as long as can be, in eights", in_clear(0xfffffffc, 4, 6)},
                               {"negative for a careless reader", in_clear(0x80000004, 4, 6)},
                               {"padding of 3", in_clear(12, 3, 10)},
                               {"no padding", in_clear(12, 0, 10)},
                               {"nothing but padding", in_clear(12, 11, 10)},
                               {"more padding than packet", in_clear(12, 12, 10)},
                               {"most padding", in_clear(12, 255, 10)}};
  for (const auto& [what, packet] : table) {
    SCOPED_TRACE(what);
    session both;
    both.server.hold(support::peer::stage::kexinit);
    both.server.go_on();
    both.server.raw(packet);
    both.pump();
    expect_violation(both);
  }
}

TEST(PacketsInClear, DoNotDelayTheRefusalOfTheirLengthUntilTheyAreThere) {
  session both;
  both.server.hold(support::peer::stage::kexinit);
  both.server.go_on();
  both.server.raw(octets{0xff, 0xff, 0xff, 0xff});
  both.pump();
  expect_violation(both, "impossible length");
}

}  // namespace
}  // namespace tunnel::ssh::native
