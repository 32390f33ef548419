#include "udp/client/udpgw.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tunnel::udp::udpgw {
namespace {

using namespace std::string_view_literals;

const socks::address resolver{socks::ipv4{8, 8, 8, 8}, 53};
const socks::address other{socks::ipv4{9, 9, 9, 9}, 53};
const socks::address six{socks::ipv6{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 443};

std::string header_of(octet flags, std::uint16_t conid, const socks::address& peer, std::size_t data_size) {
  std::array<octet, max_header> space;
  const auto size = write_header(space, flags, conid, peer, data_size);
  return std::string(as_text(octet_view(space).first(size)));
}

TEST(Udpgw, WritesADatagramToIpv4) {
  EXPECT_EQ(header_of(rebind, 0, resolver, 2), "\x0b\x00\x02\x00\x00\x08\x08\x08\x08\x00\x35"sv);
  EXPECT_EQ(header_of(0, 0x1234, resolver, 0x1000), "\x09\x10\x00\x34\x12\x08\x08\x08\x08\x00\x35"sv);
}

TEST(Udpgw, WritesADatagramToIpv6) {
  EXPECT_EQ(header_of(rebind, 1, six, 0),
            "\x15\x00\x0a\x01\x00\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\xbb"sv);
}

TEST(Udpgw, ReadsWhatItWrites) {
  for (const auto& peer : {resolver, six}) {
    const auto frame = header_of(0, 300, peer, 4) + "data";
    ASSERT_EQ(frame_size(as_octets(frame)), frame.size());
    const auto found = parse(as_octets(frame));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->conid, 300);
    EXPECT_EQ(found->peer, peer);
    EXPECT_EQ(as_text(found->data), "data");
  }
}

TEST(Udpgw, TakesTwoOctetsToTellALength) {
  EXPECT_EQ(frame_size({}), 0U);
  EXPECT_EQ(frame_size(as_octets("\x0b"sv)), 0U);
  EXPECT_EQ(frame_size(as_octets("\x00\x00"sv)), 2U);
  EXPECT_EQ(frame_size(as_octets("\xff\xff"sv)), 65537U);
}

TEST(Udpgw, FindsNoDatagramInAnythingElse) {
  EXPECT_FALSE(parse(keepalive_frame));
  const auto whole = header_of(0, 1, resolver, 0);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse(as_octets(whole).first(size))) << size;
  const auto whole_six = header_of(0, 1, six, 0);
  for (std::size_t size = 0; size < whole_six.size(); ++size)
    EXPECT_FALSE(parse(as_octets(whole_six).first(size))) << size;
}

TEST(ConidTable, GivesAPairItsConidOnce) {
  conid_table table;
  const auto first = table.assign(1, resolver);
  EXPECT_TRUE(first.fresh);
  const auto again = table.assign(1, resolver);
  EXPECT_FALSE(again.fresh);
  EXPECT_EQ(again.conid, first.conid);
}

TEST(ConidTable, TellsPairsApart) {
  conid_table table;
  const auto first = table.assign(1, resolver);
  const auto second = table.assign(1, other);
  const auto third = table.assign(2, resolver);
  EXPECT_TRUE(second.fresh);
  EXPECT_TRUE(third.fresh);
  EXPECT_NE(first.conid, second.conid);
  EXPECT_NE(first.conid, third.conid);
  EXPECT_EQ(table.owner_of(first.conid, resolver), 1U);
  EXPECT_EQ(table.owner_of(second.conid, other), 1U);
  EXPECT_EQ(table.owner_of(third.conid, resolver), 2U);
}

TEST(ConidTable, DisownsADatagramOfAnotherPeer) {
  conid_table table;
  const auto first = table.assign(1, resolver);
  EXPECT_FALSE(table.owner_of(first.conid, other));
  EXPECT_FALSE(table.owner_of(first.conid, {resolver.host, 54}));
  EXPECT_FALSE(table.owner_of(max_conids, resolver));
  EXPECT_FALSE(table.owner_of(0xffff, resolver));
}

TEST(ConidTable, GivesTheLeastRecentlyUsedAway) {
  conid_table table;
  const auto peer = [](std::size_t number) {
    return socks::address{socks::ipv4{10, 0, 0, 1}, static_cast<std::uint16_t>(number)};
  };
  for (std::size_t i = 0; i < max_conids; ++i) EXPECT_TRUE(table.assign(1, peer(i)).fresh);
  EXPECT_FALSE(table.assign(1, peer(0)).fresh);
  const auto stale = table.assign(1, peer(1));
  table.assign(1, peer(2));
  for (std::size_t i = 3; i < max_conids; ++i) table.assign(1, peer(i));
  table.assign(1, peer(0));

  const auto next = table.assign(2, resolver);
  EXPECT_TRUE(next.fresh);
  EXPECT_EQ(next.conid, stale.conid);
  EXPECT_FALSE(table.owner_of(stale.conid, peer(1))) << "a reply to the pair that had it before";
  EXPECT_EQ(table.owner_of(next.conid, resolver), 2U);
  EXPECT_TRUE(table.assign(1, peer(1)).fresh);
}

TEST(ConidTable, TakesConidsBackFromAnAssociationThatEnded) {
  conid_table table;
  const auto first = table.assign(1, resolver);
  const auto second = table.assign(2, resolver);
  table.release(1);
  EXPECT_FALSE(table.owner_of(first.conid, resolver));
  EXPECT_EQ(table.owner_of(second.conid, resolver), 2U);
  EXPECT_TRUE(table.assign(1, resolver).fresh);
}

}  // namespace
}  // namespace tunnel::udp::udpgw
