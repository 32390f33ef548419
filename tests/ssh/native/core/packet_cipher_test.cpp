#include "ssh/native/core/packet_cipher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "packet_cipher_answers.hpp"
#include "suites.hpp"
#include "support/hexadecimal.hpp"

namespace tunnel::ssh::native {
namespace {

using tunnel::support::from_hexadecimal;
using tunnel::support::hexadecimal;

// A packet of the layout's size with the padding 1, 2, 3, ... (RFC 4253 section 6).
octets plain_packet(const packet_layout& layout) {
  const std::string_view payload = "\x5eThe payload of a packet";
  const std::size_t unpadded = (layout.length_aligned ? 5 : 1) + payload.size();
  std::size_t padding = layout.alignment - unpadded % layout.alignment;
  if (padding < 4) padding += layout.alignment;
  octets packet{0, 0, 0, static_cast<octet>(1 + payload.size() + padding), static_cast<octet>(padding)};
  const auto text = as_octets(payload);
  packet.insert(packet.end(), text.begin(), text.end());
  for (std::size_t i = 1; i <= padding; ++i) packet.push_back(static_cast<octet>(i));
  return packet;
}

octets sealed(packet_sealer& by, std::uint32_t sequence_number, octets packet) {
  const std::size_t size = packet.size();
  packet.resize(size + by.layout().tag_size);
  const octet_span all(packet);
  by.seal(sequence_number, all.first(size), all.subspan(size));
  return packet;
}

// The length as it is read, and whether the packet was authentic; it is decrypted in place.
struct opened {
  std::uint32_t length = 0;
  bool authentic = false;
};

opened open(packet_opener& by, std::uint32_t sequence_number, octets& packet) {
  const octet_span all(packet);
  const std::size_t size = packet.size() - by.layout().tag_size;
  opened found;
  found.length = by.packet_length(sequence_number, all.first(by.layout().head_size));
  found.authentic = by.open(sequence_number, all.first(size), all.subspan(size));
  return found;
}

TEST(PacketCipher, HasAKnownAnswerForEverySuite) {
  const auto suites = all_suites();
  EXPECT_EQ(suites.size(), std::size(known_answers));
  for (const auto& each : known_answers)
    EXPECT_TRUE(std::ranges::any_of(suites, [&](const auto& suite) {
      return suite.name() == each.suite.name();
    })) << each.suite.name();
}

TEST(PacketCipher, SealsAsItIsKnown) {
  for (const auto& each : known_answers) {
    SCOPED_TRACE(each.suite.name());
    const auto sealer = each.suite.sealer();
    const auto packet = plain_packet(sealer->layout());
    EXPECT_EQ(hexadecimal(sealed(*sealer, 7, packet)), each.packets[0]);
    EXPECT_EQ(hexadecimal(sealed(*sealer, 8, packet)), each.packets[1]);
  }
}

TEST(PacketCipher, OpensWhatIsKnown) {
  for (const auto& each : known_answers) {
    SCOPED_TRACE(each.suite.name());
    const auto opener = each.suite.opener();
    const auto expected = plain_packet(opener->layout());
    for (std::uint32_t i = 0; i < 2; ++i) {
      auto packet = from_hexadecimal(each.packets[i]);
      const auto found = open(*opener, 7 + i, packet);
      EXPECT_TRUE(found.authentic);
      EXPECT_EQ(found.length, expected.size() - 4);
      // The length of ChaCha20-Poly1305's stays encrypted.
      EXPECT_TRUE(std::ranges::equal(octet_view(packet).subspan(4, expected.size() - 4),
                                     octet_view(expected).subspan(4)));
    }
  }
}

TEST(PacketCipher, OpensNothingOfWhichABitWasChanged) {
  for (const auto& each : known_answers) {
    SCOPED_TRACE(each.suite.name());
    const auto whole = from_hexadecimal(each.packets[0]);
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      auto changed = whole;
      changed[bit / 8] = static_cast<octet>(changed[bit / 8] ^ (1U << bit % 8));
      EXPECT_FALSE(open(*each.suite.opener(), 7, changed).authentic) << bit;
    }
  }
}

// RFC 4253 section 6.4, and PROTOCOL.chacha20poly1305. AES-GCM counts by its nonce instead (RFC 5647
// section 7.1).
TEST(PacketCipher, OpensNoPacketOutOfItsTurn) {
  for (const auto& each : known_answers) {
    SCOPED_TRACE(each.suite.name());
    auto second = from_hexadecimal(each.packets[1]);
    EXPECT_FALSE(open(*each.suite.opener(), 7, second).authentic);
    auto first = from_hexadecimal(each.packets[0]);
    const auto opener = each.suite.opener();
    auto once = first;
    EXPECT_TRUE(open(*opener, 7, once).authentic);
    EXPECT_FALSE(open(*opener, 8, first).authentic) << "replayed";
  }
}

// What is encrypted and then authenticated is not decrypted before.
TEST(PacketCipher, LeavesWhatIsNotAuthenticEncrypted) {
  for (const auto& each : known_answers) {
    const bool authenticated_first =
        each.suite.mac.find("-etm") != std::string::npos || each.suite.cipher.starts_with("chacha20");
    if (!authenticated_first) continue;
    SCOPED_TRACE(each.suite.name());
    auto packet = from_hexadecimal(each.packets[0]);
    packet.back() ^= 1;
    const auto before = packet;
    EXPECT_FALSE(open(*each.suite.opener(), 7, packet).authentic);
    EXPECT_EQ(packet, before);
  }
}

TEST(PacketCipher, SaysHowPacketsAreLaidOut) {
  const auto layout_of = [](std::string cipher, std::string mac) {
    const cipher_suite suite{std::move(cipher), std::move(mac)};
    const auto sealer = suite.sealer();
    const auto opener = suite.opener();
    EXPECT_EQ(sealer->layout().alignment, opener->layout().alignment);
    EXPECT_EQ(sealer->layout().length_aligned, opener->layout().length_aligned);
    EXPECT_EQ(sealer->layout().tag_size, opener->layout().tag_size);
    return opener->layout();
  };
  const auto expect = [](const packet_layout& found, const packet_layout& expected) {
    EXPECT_EQ(found.alignment, expected.alignment);
    EXPECT_EQ(found.length_aligned, expected.length_aligned);
    EXPECT_EQ(found.tag_size, expected.tag_size);
    EXPECT_EQ(found.head_size, expected.head_size);
  };
  expect(layout_of("aes128-gcm@openssh.com", ""), {16, false, 16, 4});
  expect(layout_of("chacha20-poly1305@openssh.com", ""), {8, false, 16, 4});
  expect(layout_of("aes256-ctr", "hmac-sha2-256"), {16, true, 32, 16});
  expect(layout_of("aes256-ctr", "hmac-sha2-512"), {16, true, 64, 16});
  expect(layout_of("aes128-ctr", "hmac-sha2-256-etm@openssh.com"), {16, false, 32, 4});
  expect(layout_of("aes128-ctr", "hmac-sha2-512-etm@openssh.com"), {16, false, 64, 4});
  expect(make_plain_opener()->layout(), {8, true, 0, 4});
  expect(make_plain_sealer()->layout(), {8, true, 0, 4});
}

TEST(PacketCipher, KnowsTheSizesOfKeys) {
  struct expected {
    std::string_view cipher;
    cipher_sizes sizes;
  };
  for (const expected& each :
       {expected{"aes128-gcm@openssh.com", {16, 12, true}},
        expected{"aes256-gcm@openssh.com", {32, 12, true}},
        expected{"chacha20-poly1305@openssh.com", {64, 0, true}}, expected{"aes128-ctr", {16, 16, false}},
        expected{"aes192-ctr", {24, 16, false}}, expected{"aes256-ctr", {32, 16, false}}}) {
    const auto found = sizes_of_cipher(each.cipher).value();
    EXPECT_EQ(found.key, each.sizes.key) << each.cipher;
    EXPECT_EQ(found.iv, each.sizes.iv) << each.cipher;
    EXPECT_EQ(found.aead, each.sizes.aead) << each.cipher;
  }
  EXPECT_EQ(key_size_of_mac("hmac-sha2-256"), 32U);
  EXPECT_EQ(key_size_of_mac("hmac-sha2-512-etm@openssh.com"), 64U);
}

TEST(PacketCipher, KnowsNoOthers) {
  for (const auto* name : {"", "none", "aes128-cbc", "3des-cbc", "aes128-gcm", "aes128-ctr "}) {
    EXPECT_FALSE(sizes_of_cipher(name)) << name;
    EXPECT_THROW(make_opener(name, "hmac-sha2-256", octets(16), octets(16), octets(32)), std::logic_error);
    EXPECT_THROW(make_sealer(name, "hmac-sha2-256", octets(16), octets(16), octets(32)), std::logic_error);
  }
  for (const auto* name : {"", "none", "hmac-sha1", "hmac-md5", "hmac-sha2-256-96"}) {
    EXPECT_FALSE(key_size_of_mac(name)) << name;
    EXPECT_THROW(make_opener("aes128-ctr", name, octets(16), octets(16), octets(32)), std::logic_error);
  }
}

TEST(PacketCipher, LeavesPacketsAsTheyAreBeforeTheFirstKeys) {
  auto packet = plain_packet(make_plain_sealer()->layout());
  const auto before = packet;
  EXPECT_EQ(sealed(*make_plain_sealer(), 0, packet), before);
  const auto found = open(*make_plain_opener(), 0, packet);
  EXPECT_EQ(found.length, before.size() - 4);
  EXPECT_TRUE(found.authentic);
}

}  // namespace
}  // namespace tunnel::ssh::native
