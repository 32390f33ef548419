#include "dns/resolv_conf.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tunnel::dns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ResolvConf, ReadsServersSearchListAndNdots) {
  const auto read = parse_resolv_conf(
      "# made by hand\n"
      "nameserver 192.0.2.53\n"
      "nameserver\t2001:db8::53   \n"
      "search corp.example. example.org\n"
      "options timeout:1 ndots:2 edns0\n");
  EXPECT_THAT(read.servers, ElementsAre("192.0.2.53", "2001:db8::53"));
  EXPECT_THAT(read.search, ElementsAre("corp.example", "example.org"));
  EXPECT_EQ(read.ndots, 2U);
}

TEST(ResolvConf, AsksThisMachineWithoutAServer) {
  EXPECT_THAT(parse_resolv_conf("").servers, ElementsAre("127.0.0.1"));
  EXPECT_EQ(parse_resolv_conf("").ndots, 1U);
}

TEST(ResolvConf, TakesThreeServersAndNoNames) {
  const auto read = parse_resolv_conf(
      "nameserver dns.example\nnameserver 1.1.1.1\nnameserver fe80::1%eth0\nnameserver 3.3.3.3\n"
      "nameserver 4.4.4.4");
  EXPECT_THAT(read.servers, ElementsAre("1.1.1.1", "fe80::1%eth0", "3.3.3.3"));
}

TEST(ResolvConf, LetsTheLastOfDomainAndSearchCount) {
  EXPECT_THAT(parse_resolv_conf("search a b\ndomain c d\n").search, ElementsAre("c"));
  EXPECT_THAT(parse_resolv_conf("domain c\nsearch a b\n").search, ElementsAre("a", "b"));
  EXPECT_THAT(parse_resolv_conf("search a\nsearch .\n").search, IsEmpty());
}

TEST(ResolvConf, PassesOverWhatItDoesNotKnow) {
  const auto read = parse_resolv_conf(
      "\r\n;x\n  nameserver 1.1.1.1\r\nnameservers 2.2.2.2\nnameserver\noptions ndots: ndots:x ndots:99\n");
  EXPECT_THAT(read.servers, ElementsAre("1.1.1.1"));
  EXPECT_EQ(read.ndots, resolv_conf::max_ndots);
}

TEST(ResolvConf, TriesShortNamesWithTheSearchListFirst) {
  const auto rules = parse_resolv_conf("search a.test b.test\noptions ndots:2\n");
  EXPECT_THAT(candidates("www", rules), ElementsAre("www.a.test", "www.b.test", "www"));
  EXPECT_THAT(candidates("www.x", rules), ElementsAre("www.x.a.test", "www.x.b.test", "www.x"));
  EXPECT_THAT(candidates("www.x.y", rules), ElementsAre("www.x.y", "www.x.y.a.test", "www.x.y.b.test"));
  EXPECT_THAT(candidates("www.", rules), ElementsAre("www."));
}

TEST(ResolvConf, LeavesOutWhatNoNameCanBe) {
  const auto rules = parse_resolv_conf("search a.test\n");
  const std::string longest(250, 'x');
  EXPECT_THAT(candidates(longest, rules), ElementsAre(longest));
}

}  // namespace
}  // namespace tunnel::dns
