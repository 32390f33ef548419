#include "ssh/native/core/packet_encoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "suites.hpp"
#include "support/hexadecimal.hpp"

namespace tunnel::ssh::native {
namespace {

// Octets that count on from request to request.
random_source counting() {
  return [next = octet{0}](octet_span data) mutable {
    for (auto& each : data) each = next++;
  };
}

octets owned(octet_view data) {
  return {data.begin(), data.end()};
}

std::uint32_t length_of(octet_view packet) {
  std::uint32_t value = 0;
  for (const octet each : packet.first(4)) value = value << 8U | each;
  return value;
}

// RFC 4253 section 6, before the first keys.
TEST(PacketEncoder, BuildsAPacketAsTheRfcHasIt) {
  packet_encoder encoder(counting());
  encoder.packet(octets{0x15});
  EXPECT_EQ(tunnel::support::hexadecimal(encoder.pending()),
            "0000000c"
            "0a"
            "15"
            "00010203040506070809");
  encoder.packet(octets{0x02, 0xaa, 0xbb});
  EXPECT_EQ(tunnel::support::hexadecimal(encoder.pending().subspan(16)),
            "0000000c"
            "08"
            "02aabb"
            "0a0b0c0d0e0f1011");
}

TEST(PacketEncoder, PadsEveryPayloadToItsCiphersBlock) {
  for (std::size_t size = 1; size <= 64; ++size) {
    packet_encoder encoder(counting());
    encoder.packet(octets(size, 0x5e));
    const auto packet = encoder.pending();
    const auto padding = packet[4];
    EXPECT_EQ(packet.size() % 8, 0U) << size;
    EXPECT_EQ(packet.size(), 4U + 1U + size + padding) << size;
    EXPECT_EQ(length_of(packet), packet.size() - 4) << size;
    EXPECT_GE(padding, 4) << size;
    EXPECT_LT(padding, 12) << size;
  }
}

TEST(PacketEncoder, PadsUnderEverySuite) {
  for (const auto& suite : all_suites()) {
    SCOPED_TRACE(suite.name());
    const auto layout = suite.sealer()->layout();
    for (std::size_t size = 1; size <= 40; ++size) {
      packet_encoder encoder(counting());
      encoder.take_keys(suite.sealer(), true);
      encoder.packet(octets(size, 0x5e));
      auto packet = owned(encoder.pending());
      const std::size_t length = packet.size() - layout.tag_size - 4;
      EXPECT_EQ((length + (layout.length_aligned ? 4 : 0)) % layout.alignment, 0U) << size;
      const std::size_t padding = length - 1 - size;
      EXPECT_GE(padding, 4U) << size;
      EXPECT_LT(padding, 4 + layout.alignment) << size;
      EXPECT_EQ(suite.opener()->packet_length(0, octet_span(packet).first(layout.head_size)), length) << size;
    }
  }
}

TEST(PacketEncoder, SendsOctetsAsTheyAre) {
  packet_encoder encoder(counting());
  encoder.raw(as_octets("SSH-2.0-a\r\n"));
  EXPECT_EQ(as_text(encoder.pending()), "SSH-2.0-a\r\n");
  EXPECT_EQ(encoder.usage().packets, 0U);
}

TEST(PacketEncoder, MakesTheSamePacketOfAPayloadInItsPlace) {
  for (const auto& suite : all_suites()) {
    SCOPED_TRACE(suite.name());
    packet_encoder copied(counting());
    packet_encoder placed(counting());
    copied.take_keys(suite.sealer(), false);
    placed.take_keys(suite.sealer(), false);
    for (const std::size_t size : {1U, 100U, 32768U}) {
      copied.packet(octets(size, 0x5e));
      // More room than is used in the end.
      std::ranges::fill(placed.place(size + 50).first(size), octet{0x5e});
      placed.commit(size);
    }
    EXPECT_EQ(owned(copied.pending()), owned(placed.pending()));
  }
}

TEST(PacketEncoder, MakesTheSamePacketsOfSeveralPlaces) {
  constexpr std::size_t size = 1000;
  for (const auto& suite : all_suites()) {
    SCOPED_TRACE(suite.name());
    packet_encoder one_by_one(counting());
    packet_encoder together(counting());
    one_by_one.take_keys(suite.sealer(), false);
    together.take_keys(suite.sealer(), false);
    one_by_one.packet(octets{1, 2, 3});
    together.packet(octets{1, 2, 3});

    std::array<octet_span, 4> places;
    together.places(size, places);
    // Three full ones and one in part: what a read of a client's socket gives.
    for (std::size_t i = 0; i < places.size(); ++i) std::ranges::fill(places[i], static_cast<octet>(i));
    for (std::size_t i = 0; i < places.size(); ++i) {
      const std::size_t part = i + 1 < places.size() ? size : 10;
      one_by_one.packet(octets(part, static_cast<octet>(i)));
      ASSERT_EQ(together.place(part).data(), places[i].data());
      together.commit(part);
    }
    EXPECT_EQ(owned(one_by_one.pending()), owned(together.pending()));
  }
}

TEST(PacketEncoder, KeepsWhatIsNotSent) {
  packet_encoder encoder(counting());
  octets expected;
  for (int i = 0; i < 300; ++i) {
    const auto before = encoder.pending().size();
    encoder.packet(octets(static_cast<std::size_t>(1 + 7 * i), static_cast<octet>(i)));
    const auto fresh = encoder.pending().subspan(before);
    expected.insert(expected.end(), fresh.begin(), fresh.end());
    ASSERT_EQ(owned(encoder.pending()), expected);
    const std::size_t part = std::min<std::size_t>(expected.size(), static_cast<std::size_t>(i * 6));
    encoder.sent(part);
    expected.erase(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(part));
    ASSERT_EQ(owned(encoder.pending()), expected);
  }
}

TEST(PacketEncoder, CountsWhatItsKeysHaveCarried) {
  packet_encoder encoder(counting());
  encoder.packet(octets(1));
  encoder.packet(octets(11));
  EXPECT_EQ(encoder.usage().packets, 2U);
  EXPECT_EQ(encoder.usage().octets, 16U + 24U);
  encoder.take_keys(all_suites().front().sealer(), false);
  EXPECT_EQ(encoder.usage().packets, 0U);
  EXPECT_EQ(encoder.usage().octets, 0U);
}

// draft-miller-sshm-strict-kex: only there do sequence numbers begin anew.
TEST(PacketEncoder, GoesOnCountingUnlessItIsToldToBeginAnew) {
  const cipher_suite suite{"aes128-ctr", "hmac-sha2-256"};
  for (const bool anew : {false, true}) {
    packet_encoder encoder(counting());
    encoder.packet(octets(1));
    encoder.packet(octets(1));
    encoder.sent(encoder.pending().size());
    encoder.take_keys(suite.sealer(), anew);
    encoder.packet(octets(1));
    auto packet = owned(encoder.pending());
    const auto opener = suite.opener();
    const std::uint32_t expected = anew ? 0 : 2;
    const octet_span all(packet);
    opener->packet_length(expected, all.first(16));
    EXPECT_TRUE(opener->open(expected, all.first(16), all.subspan(16)));
  }
}

TEST(PacketEncoder, NeverPadsWithTheSameOctetsTwice) {
  // Each octet asked for is another one, modulo 256, so that a repetition would show.
  packet_encoder encoder(counting());
  octet expected = 0;
  for (int i = 0; i < 1000; ++i) {
    encoder.packet(octets(1));
    const auto padding = encoder.pending().subspan(6);
    // What is left of a pool too small for the padding is not used.
    if (padding.front() != expected) expected = padding.front();
    for (const octet each : padding) ASSERT_EQ(each, expected++);
    encoder.sent(encoder.pending().size());
  }
}

}  // namespace
}  // namespace tunnel::ssh::native
