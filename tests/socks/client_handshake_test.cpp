#include "socks/client_handshake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace tunnel::socks {
namespace {

using kind = verdict::kind;
using testing::HasSubstr;

const address by_address{ipv4{192, 0, 2, 1}, 22};
const address by_name{std::string("inner.example"), 22};

credentials known() {
  return {"user", secret(std::string("pass"))};
}

octets from(std::string_view text) {
  const auto data = as_octets(text);
  return {data.begin(), data.end()};
}

// Feeds the answers octet by octet and gives all that was sent.
octets converse(client_handshake& handshake, octet_view answers) {
  octets sent = handshake.take_output();
  while (handshake.wanted() > 0 && !answers.empty()) {
    handshake.feed(answers.first(1));
    answers = answers.subspan(1);
    const auto more = handshake.take_output();
    sent.insert(sent.end(), more.begin(), more.end());
  }
  return sent;
}

kind outcome_of(version speak, octets answers, std::optional<credentials> user = std::nullopt) {
  client_handshake handshake(speak, by_address, std::move(user));
  converse(handshake, answers);
  EXPECT_TRUE(handshake.outcome());
  return handshake.outcome() ? handshake.outcome()->outcome : kind::not_a_proxy;
}

TEST(SocksClientHandshake, AsksASocks4ProxyForAnAddress) {
  client_handshake handshake(version::socks4, by_address, known());
  EXPECT_EQ(handshake.take_output(), from({"\x04\x01\x00\x16\xc0\x00\x02\x01user\0", 13}));
  EXPECT_EQ(handshake.wanted(), 8U);
  handshake.feed(from({"\x00\x5a\0\0\0\0\0\0", 8}));
  EXPECT_EQ(handshake.outcome()->outcome, kind::connected);
  EXPECT_EQ(handshake.wanted(), 0U);
}

TEST(SocksClientHandshake, AsksASocks4aProxyForAName) {
  client_handshake handshake(version::socks4, by_name);
  EXPECT_EQ(handshake.take_output(), from({"\x04\x01\x00\x16\0\0\0\x01\0inner.example\0", 23}));
}

TEST(SocksClientHandshake, AsksASocks5ProxyWithoutAuthentication) {
  client_handshake handshake(version::socks5, by_name);
  EXPECT_EQ(handshake.take_output(), from({"\x05\x01\x00", 3}));
  handshake.feed(from({"\x05\x00", 2}));
  EXPECT_EQ(handshake.take_output(), from({"\x05\x01\x00\x03\x0dinner.example\x00\x16", 20}));
  EXPECT_EQ(handshake.wanted(), 4U);
  handshake.feed(from({"\x05\x00\x00\x01", 4}));
  EXPECT_EQ(handshake.wanted(), 6U) << "not an octet of the target's";
  handshake.feed(from({"\0\0\0\0\0\0", 6}));
  EXPECT_EQ(handshake.outcome()->outcome, kind::connected);
}

TEST(SocksClientHandshake, GivesUserAndPasswordWhenAskedTo) {
  client_handshake handshake(version::socks5, by_address, known());
  const auto sent = converse(handshake, from({"\x05\x02\x01\x00\x05\x00\x00\x01\0\0\0\0\0\0", 14}));
  EXPECT_EQ(sent, from({"\x05\x02\x00\x02"
                        "\x01\x04user\x04pass"
                        "\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x16",
                        25}));
  EXPECT_EQ(handshake.outcome()->outcome, kind::connected);
}

TEST(SocksClientHandshake, ReadsPastANameInTheReply) {
  client_handshake handshake(version::socks5, by_address);
  const auto answers =
      from({"\x05\x00\x05\x00\x00\x03\x03"
            "abc\x00\x50SSH-2.0-",
            20});
  converse(handshake, answers);
  EXPECT_EQ(handshake.outcome()->outcome, kind::connected);
}

TEST(SocksClientHandshake, TellsWhatWentWrong) {
  EXPECT_EQ(outcome_of(version::socks5, {5, 0xff}), kind::wants_credentials);
  EXPECT_EQ(outcome_of(version::socks5, {5, 0xff}, known()), kind::credentials_refused);
  EXPECT_EQ(outcome_of(version::socks5, {5, 2, 1, 1}, known()), kind::credentials_refused);
  EXPECT_EQ(outcome_of(version::socks5, {5, 2}), kind::not_a_proxy) << "not offered";
  EXPECT_EQ(outcome_of(version::socks5, {5, 1}), kind::not_a_proxy);
  EXPECT_EQ(outcome_of(version::socks5, from("HT")), kind::not_a_proxy);
  EXPECT_EQ(outcome_of(version::socks5, {5, 0, 4, 0, 0, 1}), kind::not_a_proxy);
  EXPECT_EQ(outcome_of(version::socks5, {5, 0, 5, 0, 0, 9}), kind::not_a_proxy);
  EXPECT_EQ(outcome_of(version::socks4, {0, 0x5b, 0, 0, 0, 0, 0, 0}), kind::refused);
  EXPECT_EQ(outcome_of(version::socks4, {0, 0x5d, 0, 0, 0, 0, 0, 0}), kind::credentials_refused);
  EXPECT_EQ(outcome_of(version::socks4, {0, 0x01, 0, 0, 0, 0, 0, 0}), kind::not_a_proxy);
  EXPECT_EQ(outcome_of(version::socks4, {4, 0x5a, 0, 0, 0, 0, 0, 0}), kind::not_a_proxy);
}

TEST(SocksClientHandshake, HasAReasonForEveryReply) {
  for (unsigned code = 1; code < 256; ++code) {
    client_handshake handshake(version::socks5, by_address);
    converse(handshake, octets{5, 0, 5, static_cast<octet>(code), 0, 1});
    ASSERT_TRUE(handshake.outcome());
    EXPECT_EQ(handshake.outcome()->outcome, kind::refused);
    EXPECT_NE(handshake.outcome()->reason, "");
  }
}

TEST(SocksClientHandshake, TakesNoMoreThanItWants) {
  client_handshake handshake(version::socks5, by_address);
  EXPECT_THROW(handshake.feed(octets{5, 0, 0}), std::length_error);
}

TEST(SocksClientHandshake, RefusesWhatItHasNoRoomFor) {
  EXPECT_THROW(client_handshake(version::socks4, address{ipv6{}, 1}), std::invalid_argument);
  EXPECT_THROW(client_handshake(version::socks5, address{std::string(256, 'a'), 1}), std::invalid_argument);
  EXPECT_THROW(client_handshake(version::socks5, by_name, credentials{std::string(256, 'a'), secret()}),
               std::invalid_argument);
}

}  // namespace
}  // namespace tunnel::socks
