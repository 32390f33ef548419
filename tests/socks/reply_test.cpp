#include "socks/reply.hpp"

#include <gtest/gtest.h>

namespace tunnel::socks {
namespace {

constexpr octet reply_codes = 9;

TEST(SocksReply, EncodesEverySocks5CodeWithAWellFormedEmptyAddress) {
  for (octet code = 0; code < reply_codes; ++code) {
    EXPECT_EQ(encode_reply(version::socks5, reply_code{code}),
              (octets{0x05, code, 0x00, 0x01, 0, 0, 0, 0, 0, 0}));
  }
}

TEST(SocksReply, NamesTheCodesAsTheRfcNumbersThem) {
  EXPECT_EQ(static_cast<octet>(reply_code::succeeded), 0x00);
  EXPECT_EQ(static_cast<octet>(reply_code::general_failure), 0x01);
  EXPECT_EQ(static_cast<octet>(reply_code::not_allowed_by_ruleset), 0x02);
  EXPECT_EQ(static_cast<octet>(reply_code::network_unreachable), 0x03);
  EXPECT_EQ(static_cast<octet>(reply_code::host_unreachable), 0x04);
  EXPECT_EQ(static_cast<octet>(reply_code::connection_refused), 0x05);
  EXPECT_EQ(static_cast<octet>(reply_code::ttl_expired), 0x06);
  EXPECT_EQ(static_cast<octet>(reply_code::command_not_supported), 0x07);
  EXPECT_EQ(static_cast<octet>(reply_code::address_type_not_supported), 0x08);
}

TEST(SocksReply, CarriesAnIpv4BoundAddress) {
  EXPECT_EQ(encode_reply(version::socks5, reply_code::succeeded, {ipv4{127, 0, 0, 1}, 0x0438}),
            (octets{0x05, 0x00, 0x00, 0x01, 127, 0, 0, 1, 0x04, 0x38}));
}

TEST(SocksReply, CarriesAnIpv6BoundAddress) {
  const ipv6 loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  EXPECT_EQ(encode_reply(version::socks5, reply_code::succeeded, {loopback, 1}),
            (octets{0x05, 0x00, 0x00, 0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1}));
}

TEST(SocksReply, CarriesANameAsBoundAddress) {
  EXPECT_EQ(encode_reply(version::socks5, reply_code::succeeded, {std::string("a.b"), 2}),
            (octets{0x05, 0x00, 0x00, 0x03, 3, 'a', '.', 'b', 0, 2}));
}

TEST(SocksReply, GrantsInSocks4WithPortBeforeAddress) {
  EXPECT_EQ(encode_reply(version::socks4, reply_code::succeeded, {ipv4{192, 0, 2, 7}, 0x0102}),
            (octets{0x00, 0x5a, 0x01, 0x02, 192, 0, 2, 7}));
}

TEST(SocksReply, RejectsInSocks4ForEveryFailure) {
  for (octet code = 1; code < reply_codes; ++code) {
    EXPECT_EQ(to_socks4(reply_code{code}), socks4_reply_code::request_rejected);
    EXPECT_EQ(encode_reply(version::socks4, reply_code{code}), (octets{0x00, 0x5b, 0, 0, 0, 0, 0, 0}));
  }
}

TEST(SocksReply, LeavesAnAddressThatSocks4CannotHoldEmpty) {
  const octets expected{0x00, 0x5a, 0, 9, 0, 0, 0, 0};
  EXPECT_EQ(encode_reply(version::socks4, reply_code::succeeded, {ipv6{1}, 9}), expected);
  EXPECT_EQ(encode_reply(version::socks4, reply_code::succeeded, {std::string("a"), 9}), expected);
}

TEST(SocksReply, EncodesMethodSelection) {
  EXPECT_EQ(encode_method_selection(method::no_authentication), (octets{0x05, 0x00}));
  EXPECT_EQ(encode_method_selection(method::no_acceptable), (octets{0x05, 0xff}));
}

}  // namespace
}  // namespace tunnel::socks
