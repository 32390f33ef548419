#include "aio/address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tunnel::aio {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

asio::ip::address address(const char* text) {
  return asio::ip::make_address(text);
}

TEST(Address, IsWrittenWithItsPort) {
  EXPECT_EQ(to_text(address("127.0.0.1"), 80), "127.0.0.1:80");
  EXPECT_EQ(to_text(tcp::endpoint(address("::1"), 80)), "[::1]:80");
}

TEST(Address, IsIpv4WhereAnIpv6SocketShowsThat) {
  EXPECT_EQ(unmapped(address("::ffff:192.0.2.1")), address("192.0.2.1"));
  EXPECT_EQ(unmapped(address("192.0.2.1")), address("192.0.2.1"));
  EXPECT_EQ(unmapped(address("2001:db8::1")), address("2001:db8::1"));
}

// ssh(1), -D and -g.
TEST(LocalPair, IsLoopbackOrEveryAddress) {
  const auto loopback = ElementsAre(address("127.0.0.1"), address("::1"));
  const auto any = ElementsAre(address("0.0.0.0"), address("::"));
  EXPECT_THAT(local_pair(std::nullopt, false), loopback);
  EXPECT_THAT(local_pair(std::nullopt, true), any);
  EXPECT_THAT(local_pair("localhost", true), loopback);
  EXPECT_THAT(local_pair("*", false), any);
  EXPECT_THAT(local_pair("", false), any);
  EXPECT_THAT(local_pair("192.0.2.1", false), IsEmpty());
}

}  // namespace
}  // namespace tunnel::aio
