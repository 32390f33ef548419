#include <gtest/gtest.h>

#include "socks/reply.hpp"
#include "transcript.hpp"

namespace tunnel::socks {
namespace {

using namespace std::string_view_literals;

// VN, CD, port 80, 192.0.2.1; and the address that announces a name.
const octets connect_v4{0x04, 0x01, 0x00, 0x50, 192, 0, 2, 1};
const octets connect_v4a{0x04, 0x01, 0x00, 0x50, 0, 0, 0, 1};
const octets nul{0x00};
const octets rejected{0x00, 0x5b, 0, 0, 0, 0, 0, 0};

request by_socks4(address destination, std::string user = {}) {
  return {version::socks4, command::connect, std::move(destination), std::move(user)};
}

TEST(Socks4, ParsesConnectWithAUserId) {
  const transcript got = run(connect_v4 + "fred\0"sv);
  EXPECT_EQ(got.last, event(by_socks4({ipv4{192, 0, 2, 1}, 80}, "fred")));
  EXPECT_TRUE(got.sent.empty());
}

TEST(Socks4, ParsesConnectWithAnEmptyUserId) {
  EXPECT_EQ(run(connect_v4 + nul).last, event(by_socks4({ipv4{192, 0, 2, 1}, 80})));
}

TEST(Socks4, ParsesBindAndTorResolve) {
  for (const command asked : {command::bind, command::tor_resolve}) {
    octets input = connect_v4 + nul;
    input[1] = static_cast<octet>(asked);
    const transcript got = run(input);
    ASSERT_TRUE(std::holds_alternative<request>(got.last));
    EXPECT_EQ(std::get<request>(got.last).command, asked);
  }
}

TEST(Socks4, RejectsEveryCommandThatItDoesNotHave) {
  for (unsigned value = 0; value < 256; ++value) {
    if (value == 1 || value == 2 || value == 0xf0) continue;
    octets input = connect_v4 + nul;
    input[1] = static_cast<octet>(value);
    const transcript got = run(input);
    ASSERT_TRUE(std::holds_alternative<violation>(got.last)) << value;
    EXPECT_EQ(std::get<violation>(got.last).reply, rejected);
  }
}

TEST(Socks4, PassesPortZeroAndTheZeroAddress) {
  EXPECT_EQ(run({{0x04, 0x01, 0, 0, 0, 0, 0, 0, 0}}).last, event(by_socks4({ipv4{0, 0, 0, 0}, 0})));
}

TEST(Socks4, ReadsThePortInNetworkOrder) {
  EXPECT_EQ(run({{0x04, 0x01, 0xfe, 0xdc, 1, 2, 3, 4, 0}}).last,
            event(by_socks4({ipv4{1, 2, 3, 4}, 0xfedc})));
}

TEST(Socks4, TakesAnAddressThatOnlyResemblesTheMarkAsAnAddress) {
  EXPECT_EQ(run({{0x04, 0x01, 0, 80, 0, 0, 1, 1, 0}}).last, event(by_socks4({ipv4{0, 0, 1, 1}, 80})));
}

TEST(Socks4a, ParsesAName) {
  const transcript got = run(connect_v4a + "fred\0example.org\0"sv);
  EXPECT_EQ(got.last, event(by_socks4({std::string("example.org"), 80}, "fred")));
}

TEST(Socks4a, TakesEveryLastOctetButZeroAsTheMark) {
  for (unsigned last = 1; last < 256; ++last) {
    octets input = connect_v4a + "\0h\0"sv;
    input[7] = static_cast<octet>(last);
    EXPECT_EQ(run(input).last, event(by_socks4({std::string("h"), 80}))) << last;
  }
}

TEST(Socks4a, KeepsANameThatSpellsAnAddressAsAName) {
  EXPECT_EQ(run(connect_v4a + "\0"
                              "192.0.2.1\0"sv)
                .last,
            event(by_socks4({std::string("192.0.2.1"), 80})));
}

TEST(Socks4, TakesAUserIdOfTheFullLengthAndNoLonger) {
  const std::string longest(max_user_id, 'u');
  EXPECT_EQ(run(connect_v4 + longest + nul).last, event(by_socks4({ipv4{192, 0, 2, 1}, 80}, longest)));
  EXPECT_EQ(run(connect_v4 + longest).last, event(need_more{}));
  const transcript got = run(connect_v4 + longest + "u");
  ASSERT_TRUE(std::holds_alternative<violation>(got.last));
  EXPECT_EQ(std::get<violation>(got.last).reply, rejected);
}

TEST(Socks4a, TakesANameOfTheFullLengthAndNoLonger) {
  const std::string longest(max_host, 'h');
  EXPECT_EQ(run(connect_v4a + nul + longest + nul).last, event(by_socks4({longest, 80})));
  EXPECT_EQ(run(connect_v4a + nul + longest).last, event(need_more{}));
  const transcript got = run(connect_v4a + nul + longest + "h");
  ASSERT_TRUE(std::holds_alternative<violation>(got.last));
  EXPECT_EQ(std::get<violation>(got.last).reply, rejected);
}

TEST(Socks4a, TakesTheLongestUserIdAndNameTogether) {
  const std::string user(max_user_id, 'u');
  const std::string name(max_host, 'h');
  EXPECT_EQ(run(connect_v4a + user + nul + name + nul).last, event(by_socks4({name, 80}, user)));
}

TEST(Socks4a, RejectsAnEmptyName) {
  const transcript got = run(connect_v4a + nul + nul);
  ASSERT_TRUE(std::holds_alternative<violation>(got.last));
  EXPECT_EQ(std::get<violation>(got.last).reply, rejected);
}

TEST(Socks4a, RejectsEveryControlInAName) {
  for (unsigned value = 1; value < 256; ++value) {
    const octets input = connect_v4a + nul + octets{'a', static_cast<octet>(value), 'b'} + nul;
    const bool refused = std::holds_alternative<violation>(run(input).last);
    EXPECT_EQ(refused, value < 0x20 || value == 0x7f) << value;
  }
}

}  // namespace
}  // namespace tunnel::socks
