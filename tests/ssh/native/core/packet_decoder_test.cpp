#include "ssh/native/core/packet_decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "inbound.hpp"
#include "ssh/native/core/errors.hpp"
#include "ssh/native/core/packet_encoder.hpp"
#include "suites.hpp"

namespace tunnel::ssh::native {
namespace {

void no_randomness(octet_span data) {
  std::ranges::fill(data, octet{0xee});
}

// Payloads of many sizes, the largest last.
std::vector<octets> payloads() {
  std::vector<octets> made;
  for (std::size_t size = 1; size <= 40; ++size) made.emplace_back(size, static_cast<octet>(size));
  made.emplace_back(35000, octet{0x5e});
  return made;
}

octets stream_of(const std::vector<octets>& messages, const cipher_suite& suite) {
  packet_encoder encoder(no_randomness);
  encoder.take_keys(suite.sealer(), true);
  for (const auto& each : messages) encoder.packet(each);
  return {encoder.pending().begin(), encoder.pending().end()};
}

packet_decoder decoder_of(const cipher_suite& suite) {
  packet_decoder decoder;
  decoder.take_keys(suite.opener(), true);
  return decoder;
}

TEST(PacketDecoder, ReadsAllAtOnceUnderEverySuite) {
  const auto messages = payloads();
  for (const auto& suite : all_suites()) {
    SCOPED_TRACE(suite.name());
    inbound_buffer buffer;
    put(buffer, stream_of(messages, suite));
    auto decoder = decoder_of(suite);
    std::uint32_t sequence_number = 0;
    for (const auto& each : messages) {
      const auto found = decoder.next(buffer).value();
      ASSERT_TRUE(found);
      EXPECT_TRUE(std::ranges::equal(found->payload, each));
      EXPECT_EQ(found->sequence_number, sequence_number++);
    }
    EXPECT_FALSE(decoder.next(buffer).value());
    EXPECT_TRUE(buffer.unread().empty());
  }
}

TEST(PacketDecoder, ReadsTheSameOctetByOctet) {
  auto messages = payloads();
  messages.pop_back();
  for (const auto& suite : all_suites()) {
    SCOPED_TRACE(suite.name());
    inbound_buffer buffer;
    auto decoder = decoder_of(suite);
    std::size_t read = 0;
    for (const octet each : stream_of(messages, suite)) {
      put(buffer, octet_view(&each, 1));
      const auto found = decoder.next(buffer).value();
      if (!found) continue;
      ASSERT_LT(read, messages.size());
      EXPECT_TRUE(std::ranges::equal(found->payload, messages[read++]));
    }
    EXPECT_EQ(read, messages.size());
    EXPECT_TRUE(buffer.unread().empty());
  }
}

TEST(PacketDecoder, ReadsWhatCameBeforeTheFirstKeys) {
  inbound_buffer buffer;
  packet_encoder encoder(no_randomness);
  encoder.packet(octets{20, 1, 2});
  put(buffer, encoder.pending());
  packet_decoder decoder;
  const auto found = decoder.next(buffer).value();
  ASSERT_TRUE(found);
  EXPECT_TRUE(std::ranges::equal(found->payload, octets{20, 1, 2}));
}

// --- lengths -----------------------------------------------------------------------------------------------

// RFC 4253 section 6: room for padding_length, a message number and 4 octets of padding; whole blocks.
bool is_possible(std::uint64_t length, const packet_layout& layout) {
  if (length < 6 || length > packet_decoder::max_packet_length) return false;
  if ((length + (layout.length_aligned ? 4 : 0)) % layout.alignment != 0) return false;
  return length + 4 >= layout.head_size;
}

// A packet that says it has this length, sealed as it is; its length is genuine, whatever it is.
octets claiming(std::uint32_t length, packet_sealer& sealer) {
  constexpr std::size_t size = 64;
  octets packet(size + sealer.layout().tag_size, 4);
  for (std::size_t i = 0; i < 4; ++i) packet[i] = static_cast<octet>(length >> (8 * (3 - i)));
  const octet_span all(packet);
  sealer.seal(0, all.first(size), all.subspan(size));
  return packet;
}

void expect_judged(std::uint32_t length, std::unique_ptr<packet_sealer> sealer, packet_decoder decoder) {
  inbound_buffer buffer;
  put(buffer, claiming(length, *sealer));
  const auto found = decoder.next(buffer);
  const bool impossible = !found && found.error().code == errc::protocol_error &&
                          found.error().message.find("length") != std::string::npos;
  EXPECT_EQ(impossible, !is_possible(length, sealer->layout())) << length;
}

constexpr std::uint32_t limit = packet_decoder::max_packet_length;

std::vector<std::uint32_t> lengths() {
  std::vector<std::uint32_t> made;
  for (std::uint32_t length = 0; length <= 64; ++length) made.push_back(length);
  for (std::uint32_t length = limit - 20; length <= limit + 20; ++length) made.push_back(length);
  for (const std::uint32_t length : {0x7fffffffU, 0x80000000U, 0xfffffff0U, 0xfffffffcU, 0xffffffffU})
    made.push_back(length);
  return made;
}

TEST(PacketDecoder, RefusesImpossibleLengthsUnderEverySuite) {
  for (const auto& suite : all_suites()) {
    SCOPED_TRACE(suite.name());
    for (const auto length : lengths()) expect_judged(length, suite.sealer(), decoder_of(suite));
  }
}

TEST(PacketDecoder, RefusesImpossibleLengthsBeforeTheFirstKeys) {
  for (const auto length : lengths()) expect_judged(length, make_plain_sealer(), packet_decoder());
}

TEST(PacketDecoder, RefusesALengthAsSoonAsItIsKnown) {
  inbound_buffer buffer;
  put(buffer, octets{0xff, 0xff, 0xff, 0xf4});
  packet_decoder decoder;
  EXPECT_FALSE(decoder.next(buffer));
}

TEST(PacketDecoder, TakesAPacketOfTheLargestLength) {
  inbound_buffer buffer;
  packet_encoder encoder(no_randomness);
  // With 4 octets of packet_length, which count before the first keys.
  const std::size_t payload = limit - 4 - 1 - 7;
  encoder.packet(octets(payload, 0x5e));
  ASSERT_EQ(encoder.pending().size(), limit);
  put(buffer, encoder.pending());
  packet_decoder decoder;
  const auto found = decoder.next(buffer);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->payload.size(), payload);
}

// --- padding -----------------------------------------------------------------------------------------------

// RFC 4253 section 6: at least 4 octets, and a payload is left.
TEST(PacketDecoder, RefusesImpossiblePaddingUnderEverySuite) {
  for (const auto& suite : all_suites()) {
    SCOPED_TRACE(suite.name());
    for (unsigned padding = 0; padding < 256; ++padding) {
      const auto sealer = suite.sealer();
      const auto layout = sealer->layout();
      const std::size_t size = layout.length_aligned ? 32 : 4 + 32;
      const std::size_t length = size - 4;
      octets packet(size + layout.tag_size);
      packet[3] = static_cast<octet>(length);
      packet[4] = static_cast<octet>(padding);
      const octet_span all(packet);
      sealer->seal(0, all.first(size), all.subspan(size));
      inbound_buffer buffer;
      put(buffer, packet);
      auto decoder = decoder_of(suite);
      const auto found = decoder.next(buffer);
      if (padding < 4 || padding > length - 2) {
        ASSERT_FALSE(found) << padding;
        EXPECT_EQ(found.error().code, errc::protocol_error);
      } else {
        ASSERT_TRUE(found) << padding;
        EXPECT_EQ((*found)->payload.size(), length - 1 - padding);
      }
    }
  }
}

// --- damage ------------------------------------------------------------------------------------------------

TEST(PacketDecoder, RefusesDamagedPackets) {
  for (const auto& suite : all_suites()) {
    SCOPED_TRACE(suite.name());
    const auto whole = stream_of({octets(20, 0x5e)}, suite);
    // Behind the first block: damage to the length shows by the length.
    for (std::size_t i = 16; i < whole.size(); ++i) {
      auto damaged = whole;
      damaged[i] ^= 0x10;
      inbound_buffer buffer;
      put(buffer, damaged);
      auto decoder = decoder_of(suite);
      const auto found = decoder.next(buffer);
      ASSERT_FALSE(found) << i;
      EXPECT_EQ(found.error().code, errc::mac_error) << i;
    }
  }
}

TEST(PacketDecoder, RefusesPacketsThatAreLostOrTurnedRound) {
  for (const auto& suite : all_suites()) {
    SCOPED_TRACE(suite.name());
    const auto both = stream_of({octets(20, 1), octets(20, 2)}, suite);
    const octet_view second = octet_view(both).subspan(both.size() / 2);
    inbound_buffer buffer;
    put(buffer, second);
    auto decoder = decoder_of(suite);
    EXPECT_FALSE(decoder.next(buffer).has_value());
  }
}

// --- counting ----------------------------------------------------------------------------------------------

TEST(PacketDecoder, CountsWhatItsKeysHaveCarried) {
  inbound_buffer buffer;
  packet_encoder encoder(no_randomness);
  encoder.packet(octets(1, 20));
  encoder.packet(octets(11, 20));
  put(buffer, encoder.pending());
  packet_decoder decoder;
  ASSERT_TRUE(decoder.next(buffer).value());
  ASSERT_TRUE(decoder.next(buffer).value());
  EXPECT_EQ(decoder.usage().packets, 2U);
  EXPECT_EQ(decoder.usage().octets, encoder.usage().octets);
  decoder.take_keys(all_suites().front().opener(), false);
  EXPECT_EQ(decoder.usage().packets, 0U);
  EXPECT_EQ(decoder.usage().octets, 0U);
}

// draft-miller-sshm-strict-kex.
TEST(PacketDecoder, GoesOnCountingUnlessItIsToldToBeginAnew) {
  const cipher_suite suite{"aes128-ctr", "hmac-sha2-256"};
  for (const bool anew : {false, true}) {
    inbound_buffer buffer;
    packet_encoder encoder(no_randomness);
    packet_decoder decoder;
    encoder.packet(octets(1, 20));
    encoder.packet(octets(1, 20));
    encoder.take_keys(suite.sealer(), anew);
    encoder.packet(octets(1, 20));
    put(buffer, encoder.pending());
    ASSERT_TRUE(decoder.next(buffer).value());
    ASSERT_TRUE(decoder.next(buffer).value());
    decoder.take_keys(suite.opener(), anew);
    const auto third = decoder.next(buffer);
    ASSERT_TRUE(third) << third.error().message;
    EXPECT_EQ((*third)->sequence_number, anew ? 0U : 2U);
  }
}

}  // namespace
}  // namespace tunnel::ssh::native
