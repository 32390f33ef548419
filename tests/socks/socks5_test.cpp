#include <gtest/gtest.h>

#include <tuple>

#include "socks/reply.hpp"
#include "transcript.hpp"

namespace tunnel::socks {
namespace {

using namespace std::string_view_literals;

const octets request_v4{0x05, 0x01, 0x00, 0x01, 192, 0, 2, 1, 0x00, 0x50};

octets named(std::string_view name) {
  return octets{0x05, 0x01, 0x00, 0x03, static_cast<octet>(name.size())} + name + octets{0x01, 0xbb};
}

request by_socks5(address destination, command asked = command::connect) {
  return {version::socks5, asked, std::move(destination), {}};
}

octets failure(reply_code code) {
  return encode_reply(version::socks5, code);
}

TEST(Socks5, SelectsNoAuthentication) {
  const transcript got = run(greeting);
  EXPECT_EQ(got.sent, selection);
  EXPECT_EQ(got.last, event(need_more{}));
}

TEST(Socks5, FindsNoAuthenticationAnywhereAmongTheMethods) {
  octets all{0x05, 0xff};
  for (unsigned value = 255; value > 0; --value) all.push_back(static_cast<octet>(value));
  all.back() = 0x00;
  const transcript got = run(all);
  EXPECT_EQ(got.sent, selection);
  EXPECT_EQ(got.last, event(need_more{}));
}

TEST(Socks5, RefusesAGreetingWithoutMethods) {
  const transcript got = run({{0x05, 0x00}});
  ASSERT_TRUE(std::holds_alternative<violation>(got.last));
  EXPECT_EQ(std::get<violation>(got.last).reply, (octets{0x05, 0xff}));
}

TEST(Socks5, RefusesAClientThatInsistsOnAuthentication) {
  const transcript got = run({{0x05, 0x02, 0x01, 0x02}});
  ASSERT_TRUE(std::holds_alternative<violation>(got.last));
  EXPECT_EQ(std::get<violation>(got.last).reply, (octets{0x05, 0xff}));
  EXPECT_TRUE(got.sent.empty());
}

TEST(Socks5, ParsesConnectWithIpv4) {
  const transcript got = run(greeting + request_v4);
  EXPECT_EQ(got.sent, selection);
  EXPECT_EQ(got.last, event(by_socks5({ipv4{192, 0, 2, 1}, 80})));
}

TEST(Socks5, ParsesConnectWithIpv6) {
  const ipv6 host{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  const octets input = octets{0x05, 0x01, 0x00, 0x04} + octets(host.begin(), host.end()) + octets{0xff, 0xfe};
  EXPECT_EQ(run(greeting + input).last, event(by_socks5({host, 0xfffe})));
}

TEST(Socks5, ParsesConnectWithAName) {
  EXPECT_EQ(run(greeting + named("example.org")).last, event(by_socks5({std::string("example.org"), 443})));
}

TEST(Socks5, KeepsANameThatSpellsAnAddressAsAName) {
  EXPECT_EQ(run(greeting + named("::1")).last, event(by_socks5({std::string("::1"), 443})));
}

TEST(Socks5, ParsesNamesOfEveryLength) {
  for (std::size_t length = 1; length <= max_host; ++length) {
    const std::string name(length, 'x');
    EXPECT_EQ(run(greeting + named(name)).last, event(by_socks5({name, 443}))) << length;
  }
}

TEST(Socks5, PassesPortZero) {
  octets input = greeting + request_v4;
  input[input.size() - 1] = 0;
  EXPECT_EQ(run(input).last, event(by_socks5({ipv4{192, 0, 2, 1}, 0})));
}

TEST(Socks5, LeavesEveryCommandToTheCaller) {
  for (unsigned value = 0; value < 256; ++value) {
    octets input = greeting + request_v4;
    input[4] = static_cast<octet>(value);
    const command asked{static_cast<octet>(value)};
    EXPECT_EQ(run(input).last, event(by_socks5({ipv4{192, 0, 2, 1}, 80}, asked))) << value;
  }
}

TEST(Socks5, RefusesEveryControlInAName) {
  for (unsigned value = 0; value < 256; ++value) {
    const transcript got = run(greeting + named(std::string{'a', static_cast<char>(value), 'b'}));
    const auto* refused = std::get_if<violation>(&got.last);
    ASSERT_EQ(refused != nullptr, value < 0x20 || value == 0x7f) << value;
    if (refused == nullptr) continue;
    EXPECT_EQ(refused->reply, failure(reply_code::general_failure)) << value;
  }
}

TEST(Socks5, AnswersEveryUnknownAddressTypeWith08) {
  for (unsigned value = 0; value < 256; ++value) {
    if (value == 1 || value == 3 || value == 4) continue;
    const transcript got = run(greeting + octets{0x05, 0x01, 0x00, static_cast<octet>(value)});
    ASSERT_TRUE(std::holds_alternative<violation>(got.last)) << value;
    EXPECT_EQ(std::get<violation>(got.last).reply, failure(reply_code::address_type_not_supported));
  }
}

// A name, what follows the greeting, and a word of the reason.
using malformed = std::tuple<const char*, octets, const char*>;
class MalformedSocks5Request : public testing::TestWithParam<malformed> {};

TEST_P(MalformedSocks5Request, IsAnsweredWithGeneralFailureAndSaysWhy) {
  const auto& [name, input, word] = GetParam();
  const transcript got = run(greeting + input);
  EXPECT_EQ(got.sent, selection);
  ASSERT_TRUE(std::holds_alternative<violation>(got.last));
  const auto& wrong = std::get<violation>(got.last);
  EXPECT_EQ(wrong.reply, failure(reply_code::general_failure));
  EXPECT_NE(wrong.reason.find(word), std::string::npos) << wrong.reason;
}

INSTANTIATE_TEST_SUITE_P(
    Table, MalformedSocks5Request,
    testing::Values(malformed{"Version4", {0x04, 0x01, 0x00, 0x01, 1, 2, 3, 4, 0, 80}, "version 0x04"},
                    malformed{"Version0", {0x00}, "version 0x00"},
                    malformed{"GreetingAgain", {0x05, 0x01, 0x01}, "reserved"},
                    malformed{"Reserved", {0x05, 0x01, 0xff, 0x01, 1, 2, 3, 4, 0, 80}, "0xff"},
                    malformed{"EmptyName", {0x05, 0x01, 0x00, 0x03, 0x00, 0, 80}, "empty"},
                    malformed{"EmptyNameAlone", {0x05, 0x01, 0x00, 0x03, 0x00}, "empty"},
                    malformed{"NulInName", {0x05, 0x01, 0x00, 0x03, 2, 'a', 0, 0, 80}, "control"}),
    [](const auto& instance) { return std::get<0>(instance.param); });

}  // namespace
}  // namespace tunnel::socks
