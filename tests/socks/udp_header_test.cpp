#include "socks/udp_header.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tunnel::socks {
namespace {

using namespace std::string_view_literals;

constexpr auto ipv4_datagram =
    "\x00\x00\x00\x01\x08\x08\x04\x04\x00\x35"
    "data"sv;
constexpr auto ipv6_datagram =
    "\x00\x00\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\xbb"
    "data"sv;
constexpr auto named_datagram =
    "\x00\x00\x00\x03\x0b"
    "example.org\x00\x35"
    "data"sv;

constexpr ipv6 documentation_address{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

std::string header_of(const address& peer) {
  std::array<octet, max_udp_header> space;
  return std::string(as_text(octet_view(space).first(write_udp_header(space, peer))));
}

TEST(UdpHeader, IsTakenApart) {
  udp_datagram found;
  ASSERT_TRUE(parse_udp_datagram(as_octets(ipv4_datagram), found));
  EXPECT_EQ(found.peer, (address{ipv4{8, 8, 4, 4}, 53}));
  EXPECT_EQ(found.fragment, 0);
  EXPECT_EQ(as_text(found.data), "data");

  ASSERT_TRUE(parse_udp_datagram(as_octets(ipv6_datagram), found));
  EXPECT_EQ(found.peer, (address{documentation_address, 443}));
  EXPECT_EQ(as_text(found.data), "data");

  ASSERT_TRUE(parse_udp_datagram(as_octets(named_datagram), found));
  EXPECT_EQ(found.peer, (address{"example.org", 53}));
  EXPECT_EQ(as_text(found.data), "data");
}

TEST(UdpHeader, IsWrittenAsItIsRead) {
  for (const auto datagram : {ipv4_datagram, ipv6_datagram, named_datagram}) {
    udp_datagram found;
    ASSERT_TRUE(parse_udp_datagram(as_octets(datagram), found));
    EXPECT_EQ(header_of(found.peer) + std::string(as_text(found.data)), datagram);
  }
}

TEST(UdpHeader, MayHaveNoDataBehindIt) {
  udp_datagram found;
  ASSERT_TRUE(parse_udp_datagram(as_octets(ipv4_datagram.substr(0, 10)), found));
  EXPECT_TRUE(found.data.empty());
}

TEST(UdpHeader, ReportsAFragment) {
  std::string part(ipv4_datagram);
  part[2] = '\x81';
  udp_datagram found;
  ASSERT_TRUE(parse_udp_datagram(as_octets(part), found));
  EXPECT_EQ(found.fragment, 0x81);
  EXPECT_EQ(as_text(found.data), "data");
}

TEST(UdpHeader, IsRefusedWhenItIsCutShort) {
  for (const auto datagram : {ipv4_datagram, ipv6_datagram, named_datagram}) {
    udp_datagram found;
    for (std::size_t size = 0; size < datagram.size() - 4; ++size)
      EXPECT_FALSE(parse_udp_datagram(as_octets(datagram.substr(0, size)), found)) << size;
  }
}

TEST(UdpHeader, IsRefusedWhenItMakesNoSense) {
  constexpr std::array wrong{
      // RSV
      "\x00\x01\x00\x01\x08\x08\x04\x04\x00\x35"sv,
      // RSV
      "\x01\x00\x00\x01\x08\x08\x04\x04\x00\x35"sv,
      // ATYP
      "\x00\x00\x00\x00\x08\x08\x04\x04\x00\x35"sv,
      // ATYP
      "\x00\x00\x00\x02\x08\x08\x04\x04\x00\x35"sv,
      // no name
      "\x00\x00\x00\x03\x00\x00\x35"sv,
      // a name of NUL
      "\x00\x00\x00\x03\x01\x00\x00\x35"sv,
      // a line feed in the name
      "\x00\x00\x00\x03\x02\x61\x0a\x00\x35"sv,
  };
  udp_datagram found;
  for (const auto each : wrong)
    EXPECT_FALSE(parse_udp_datagram(as_octets(each), found)) << testing::PrintToString(each);
}

TEST(UdpHeader, HoldsTheLongestName) {
  const std::string name(max_host, 'x');
  const auto header = header_of({name, 65535});
  EXPECT_EQ(header.size(), max_udp_header);
  udp_datagram found;
  ASSERT_TRUE(parse_udp_datagram(as_octets(header), found));
  EXPECT_EQ(found.peer, (address{name, 65535}));
}

TEST(UdpHeader, IsNotWrittenWithANameThatItCannotHold) {
  EXPECT_THROW(header_of({"", 53}), std::length_error);
  EXPECT_THROW(header_of({std::string(max_host + 1, 'x'), 53}), std::length_error);
}

TEST(UdpHeader, ReusesTheStorageOfANameBefore) {
  const auto header = header_of({std::string(200, 'x'), 53});
  udp_datagram found;
  ASSERT_TRUE(parse_udp_datagram(as_octets(header), found));
  const auto* before = std::get<std::string>(found.peer.host).data();
  ASSERT_TRUE(parse_udp_datagram(as_octets(header), found));
  EXPECT_EQ(std::get<std::string>(found.peer.host).data(), before);
}

TEST(AddressOnTheWire, TakesTheOctetsThatAreItsOwn) {
  address found;
  EXPECT_EQ(parse_address(as_octets(ipv4_datagram.substr(3)), found), 7U);
  EXPECT_EQ(parse_address(as_octets(ipv6_datagram.substr(3)), found), 19U);
  EXPECT_EQ(parse_address(as_octets(named_datagram.substr(3)), found), 15U);
  EXPECT_EQ(parse_address({}, found), 0U);
}

}  // namespace
}  // namespace tunnel::socks
