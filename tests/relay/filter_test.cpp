#include "relay/filter.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tunnel::relay {
namespace {

asio::ip::address address(const char* text) {
  return asio::ip::make_address(text);
}

address_range range(const char* text) {
  return parse_address_range(text).value();
}

TEST(AddressRange, ContainsWhatBeginsAsItDoes) {
  EXPECT_TRUE(range("10.0.0.0/8").contains(address("10.255.0.1")));
  EXPECT_FALSE(range("10.0.0.0/8").contains(address("11.0.0.0")));
  EXPECT_TRUE(range("192.0.2.128/25").contains(address("192.0.2.255")));
  EXPECT_FALSE(range("192.0.2.128/25").contains(address("192.0.2.127")));
  EXPECT_TRUE(range("2001:db8::/33").contains(address("2001:db8:7fff::1")));
  EXPECT_FALSE(range("2001:db8::/33").contains(address("2001:db8:8000::1")));
  EXPECT_TRUE(range("192.0.2.1").contains(address("192.0.2.1")));
  EXPECT_FALSE(range("192.0.2.1").contains(address("192.0.2.0")));
  EXPECT_TRUE(range("0.0.0.0/0").contains(address("255.1.2.3")));
  EXPECT_FALSE(range("0.0.0.0/0").contains(address("::1")));
  EXPECT_FALSE(range("::/0").contains(address("127.0.0.1")));
}

TEST(AddressRange, TakesAMappedRangeForTheIpv4Range) {
  EXPECT_TRUE(range("::ffff:10.0.0.0/104").contains(address("10.1.2.3")));
  EXPECT_FALSE(range("::ffff:10.0.0.0/104").contains(address("11.1.2.3")));
}

TEST(AddressRange, RefusesWhatIsNone) {
  for (const auto* text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0/8", "a", "10.0.0.0/-1", "10.0.0.0/8 "})
    EXPECT_FALSE(parse_address_range(text).has_value()) << text;
}

TEST(Filter, AllowsEverythingUnlessTold) {
  const filter open;
  for (const auto* text : {"127.0.0.1", "::1", "224.0.0.1", "192.0.2.1"})
    EXPECT_TRUE(open.allows(address(text)));
}

TEST(Filter, DeniesWhatIsLocalByDefault) {
  const filter careful(filter::by_default::deny_local);
  for (const auto* text : {"127.0.0.1", "127.255.0.9", "0.0.0.0", "0.1.2.3", "169.254.169.254", "224.0.0.1",
                           "239.1.1.1", "255.255.255.255", "::", "::1", "fe80::1", "febf::1", "ff02::1",
                           "::ffff:127.0.0.1", "::ffff:169.254.1.1", "::127.0.0.1"})
    EXPECT_FALSE(careful.allows(address(text))) << text;
  for (const auto* text : {"192.0.2.1", "10.0.0.1", "::ffff:192.0.2.1", "2001:db8::1", "fec0::1", "fc00::1"})
    EXPECT_TRUE(careful.allows(address(text))) << text;
}

TEST(Filter, FollowsTheLongestRange) {
  filter rules(filter::by_default::deny_local);
  rules.deny(range("10.0.0.0/8"));
  rules.allow(range("10.1.0.0/16"));
  rules.deny(range("10.1.1.0/24"));
  rules.allow(range("127.0.0.53"));
  EXPECT_FALSE(rules.allows(address("10.2.0.1")));
  EXPECT_TRUE(rules.allows(address("10.1.2.1")));
  EXPECT_FALSE(rules.allows(address("10.1.1.1")));
  EXPECT_TRUE(rules.allows(address("::ffff:10.1.2.1")));
  EXPECT_TRUE(rules.allows(address("127.0.0.53")));
  EXPECT_FALSE(rules.allows(address("127.0.0.1")));
}

TEST(Filter, DeniesWhereEqualRangesDisagree) {
  for (const bool denied_first : {true, false}) {
    filter rules;
    if (denied_first) rules.deny(range("10.0.0.0/8"));
    rules.allow(range("10.0.0.0/8"));
    if (!denied_first) rules.deny(range("10.0.0.0/8"));
    EXPECT_FALSE(rules.allows(address("10.0.0.1")));
  }
}

// Linux sends there what is for the unspecified address.
TEST(Filter, JudgesTheUnspecifiedAddressAsTheLoopbackToo) {
  filter rules;
  rules.deny(range("127.0.0.0/8"));
  rules.deny(range("::1"));
  EXPECT_FALSE(rules.allows(address("0.0.0.0")));
  EXPECT_FALSE(rules.allows(address("::")));
  EXPECT_FALSE(rules.allows(address("::ffff:0.0.0.0")));
}

}  // namespace
}  // namespace tunnel::relay
