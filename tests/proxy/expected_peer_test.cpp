#include "proxy/expected_peer.hpp"

#include <gtest/gtest.h>

namespace tunnel::proxy {
namespace {

constexpr socks::ipv4 documentation_v4{192, 0, 2, 1};
constexpr socks::ipv6 documentation_v6{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr socks::ipv6 mapped_v6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};

bool admits(decltype(socks::address::host) named, const std::string& who) {
  return expected_peer({std::move(named), 21}).admits({who, 20});
}

TEST(ExpectedPeer, IsAnybodyForTheUnspecifiedAddresses) {
  for (const auto& named : {socks::address{socks::ipv4{}, 0}, socks::address{socks::ipv4{}, 21},
                            socks::address{socks::ipv6{}, 0}, socks::address{"0.0.0.0", 0}}) {
    EXPECT_TRUE(expected_peer(named).is_anybody()) << named.to_string();
    EXPECT_TRUE(expected_peer(named).admits({"198.51.100.7", 1})) << named.to_string();
    EXPECT_TRUE(expected_peer(named).admits({"UNKNOWN", 65535})) << named.to_string();
  }
}

TEST(ExpectedPeer, IsTheNamedAddressOnAnyPort) {
  EXPECT_TRUE(admits(documentation_v4, "192.0.2.1"));
  EXPECT_FALSE(admits(documentation_v4, "192.0.2.2"));
  EXPECT_FALSE(admits(documentation_v4, "2001:db8::1"));
  EXPECT_TRUE(admits(documentation_v6, "2001:db8::1"));
  EXPECT_TRUE(admits(documentation_v6, "2001:0DB8:0::0001"));
  EXPECT_FALSE(admits(documentation_v6, "2001:db8::2"));
}

TEST(ExpectedPeer, TakesAMappedAddressForItsIpv4Address) {
  EXPECT_TRUE(admits(documentation_v4, "::ffff:192.0.2.1"));
  EXPECT_TRUE(admits(mapped_v6, "192.0.2.1"));
  EXPECT_FALSE(admits(mapped_v6, "192.0.2.2"));
}

TEST(ExpectedPeer, PassesOverTheZoneOfAnAddress) {
  EXPECT_TRUE(admits("fe80::1", "fe80::1%1"));
}

TEST(ExpectedPeer, IsTheAddressThatANameSpells) {
  EXPECT_TRUE(admits("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(admits("192.0.2.1", "192.0.2.2"));
}

TEST(ExpectedPeer, IsAnybodyForANameWhichNobodyResolvesHere) {
  const expected_peer named({"ftp.example.org", 21});
  EXPECT_TRUE(named.is_anybody());
  EXPECT_TRUE(named.admits({"192.0.2.1", 20}));
}

TEST(ExpectedPeer, IsNobodyWhoseAddressTheServerDoesNotSay) {
  for (const auto* who : {"", "UNKNOWN", "192.0.2.1 ", "192.0.2.01x", "localhost"})
    EXPECT_FALSE(admits(documentation_v4, who)) << who;
}

TEST(SocksAddress, IsWhatTheTextSpells) {
  EXPECT_EQ(socks_address({"192.0.2.1", 20}), (socks::address{documentation_v4, 20}));
  EXPECT_EQ(socks_address({"2001:db8::1", 20}), (socks::address{documentation_v6, 20}));
  EXPECT_EQ(socks_address({"::ffff:192.0.2.1", 20}), (socks::address{documentation_v4, 20}));
}

TEST(SocksAddress, IsUnspecifiedWhereTheTextIsNoAddress) {
  EXPECT_EQ(socks_address({"a host\n", 20}), (socks::address{socks::ipv4{}, 20}));
}

}  // namespace
}  // namespace tunnel::proxy
