#include "proxy/peer_filter.hpp"

#include <gtest/gtest.h>

namespace tunnel::proxy {
namespace {

const socks::address known{socks::ipv4{192, 0, 2, 1}, 53};
const socks::address somebody_else{socks::ipv4{192, 0, 2, 2}, 54};

TEST(PeerFilter, AdmitsNobodyAtFirst) {
  EXPECT_FALSE(peer_filter().admits(known));
}

TEST(PeerFilter, AdmitsAnAddressThatWasSentToWhateverItsPort) {
  peer_filter filter;
  filter.remember(known);
  EXPECT_TRUE(filter.admits(known));
  EXPECT_TRUE(filter.admits({known.host, 9999}));
  EXPECT_FALSE(filter.admits(somebody_else));
  EXPECT_FALSE(filter.admits({socks::ipv6{}, 53}));
}

TEST(PeerFilter, KnowsAnIpv4AddressInIpv6sForm) {
  peer_filter filter;
  filter.remember({socks::ipv6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}, 53});
  EXPECT_TRUE(filter.admits(known));
}

TEST(PeerFilter, KnowsOfANamedPeerItsPortAlone) {
  peer_filter filter;
  filter.remember({"example.org", 53});
  EXPECT_TRUE(filter.admits(known));
  EXPECT_FALSE(filter.admits(somebody_else));
}

TEST(PeerFilter, ForgetsTheOldestForTheNewest) {
  peer_filter filter;
  filter.remember(known);
  for (std::size_t i = 0; i < peer_filter::max_peers; ++i) {
    EXPECT_TRUE(filter.admits(known)) << i;
    // Again and again the same takes no place.
    filter.remember(somebody_else);
    filter.remember({socks::ipv4{10, 0, static_cast<octet>(i >> 8), static_cast<octet>(i & 0xff)}, 1});
    if (i + 3 == peer_filter::max_peers) break;
  }
  filter.remember({socks::ipv4{10, 1, 0, 0}, 1});
  EXPECT_FALSE(filter.admits(known));
  EXPECT_TRUE(filter.admits(somebody_else));
}

}  // namespace
}  // namespace tunnel::proxy
