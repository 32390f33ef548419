#include "socks/address.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace tunnel::socks {
namespace {

const ipv6 documentation{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01};

octets appended(const address& value) {
  octets out;
  append_address(out, value);
  return out;
}

TEST(SocksAddress, ShowsIpv4InDottedForm) {
  const address value{ipv4{192, 0, 2, 255}, 80};
  EXPECT_EQ(value.host_text(), "192.0.2.255");
  EXPECT_EQ(value.to_string(), "192.0.2.255:80");
}

TEST(SocksAddress, PutsIpv6IntoBracketsOnlyBesideAPort) {
  const address value{documentation, 65535};
  EXPECT_EQ(value.host_text(), "2001:db8::1");
  EXPECT_EQ(value.to_string(), "[2001:db8::1]:65535");
}

TEST(SocksAddress, ShowsTheLongestIpv6Form) {
  ipv6 host;
  host.fill(0xff);
  EXPECT_EQ((address{host, 1}.host_text()), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

TEST(SocksAddress, KeepsANameAsItIsEvenAnIpLiteral) {
  const address value{std::string("192.0.2.1"), 0};
  EXPECT_EQ(value.host_text(), "192.0.2.1");
  EXPECT_EQ(value.to_string(), "192.0.2.1:0");
  EXPECT_NE(value, (address{ipv4{192, 0, 2, 1}, 0}));
}

TEST(SocksAddress, SanitisesANameForLogsButNotForTheWire) {
  const address value{std::string("a\xe2\x80\xae"
                                  "b"),
                      80};
  EXPECT_EQ(value.host_text(),
            "a\xe2\x80\xae"
            "b");
  EXPECT_EQ(value.to_string(), "a\\u{202e}b:80");
}

TEST(SocksAddress, EncodesIpv4) {
  EXPECT_EQ(appended({ipv4{192, 0, 2, 1}, 0x1234}), (octets{0x01, 192, 0, 2, 1, 0x12, 0x34}));
}

TEST(SocksAddress, EncodesIpv6) {
  const octets expected{0x04, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xff, 0xfe};
  EXPECT_EQ(appended({documentation, 0xfffe}), expected);
}

TEST(SocksAddress, EncodesANameWithItsLength) {
  EXPECT_EQ(appended({std::string("ab"), 80}), (octets{0x03, 2, 'a', 'b', 0, 80}));
  EXPECT_EQ(appended({std::string(max_host, 'x'), 80}).size(), 1 + 1 + max_host + 2);
}

TEST(SocksAddress, RefusesToEncodeANameThatDoesNotFit) {
  EXPECT_THROW(appended({std::string(), 80}), std::length_error);
  EXPECT_THROW(appended({std::string(max_host + 1, 'x'), 80}), std::length_error);
}

TEST(SocksAddress, IsNoneByDefault) {
  EXPECT_EQ(address{}.to_string(), "0.0.0.0:0");
}

}  // namespace
}  // namespace tunnel::socks
