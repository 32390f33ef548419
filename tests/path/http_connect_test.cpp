#include "path/http_connect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace tunnel::path {
namespace {

using kind = socks::verdict::kind;
using testing::HasSubstr;

const ssh::endpoint target{"inner.example", 22};

socks::credentials known() {
  return {"Aladdin", secret(std::string("open sesame"))};
}

std::string request(const ssh::endpoint& to, const std::optional<socks::credentials>& user = std::nullopt) {
  http_connect handshake(to, user);
  return std::string(as_text(handshake.take_output()));
}

// The verdict on an answer, of which `rest` must stay unread.
socks::verdict answered(std::string_view text, std::size_t rest = 0,
                        const std::optional<socks::credentials>& user = std::nullopt) {
  http_connect handshake(target, user);
  auto data = as_octets(text);
  while (handshake.wanted() > 0 && !data.empty()) {
    handshake.feed(data.first(1));
    data = data.subspan(1);
  }
  EXPECT_TRUE(handshake.outcome()) << text;
  EXPECT_EQ(data.size(), rest);
  return handshake.outcome().value_or(socks::verdict{kind::not_a_proxy, "no verdict"});
}

TEST(HttpConnect, AsksForTheTarget) {
  EXPECT_EQ(request(target), "CONNECT inner.example:22 HTTP/1.1\r\nHost: inner.example:22\r\n\r\n");
  EXPECT_EQ(request({"2001:db8::1", 22}),
            "CONNECT [2001:db8::1]:22 HTTP/1.1\r\nHost: [2001:db8::1]:22\r\n\r\n");
}

// RFC 7617 section 2.
TEST(HttpConnect, GivesUserAndPassword) {
  EXPECT_THAT(request(target, known()),
              HasSubstr("\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
}

TEST(HttpConnect, LeavesWhatFollowsTheHeadUnread) {
  EXPECT_EQ(answered("HTTP/1.1 200 Connection established\r\nX: y\r\n\r\nSSH-2.0-x", 9).outcome,
            kind::connected);
  EXPECT_EQ(answered("HTTP/1.0 200 OK\n\n").outcome, kind::connected);
  EXPECT_EQ(answered("HTTP/1.1 299\r\n\r\n").outcome, kind::connected);
}

TEST(HttpConnect, PassesOverInterimAnswers) {
  EXPECT_EQ(answered("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n").outcome, kind::connected);
}

TEST(HttpConnect, GivesTheProxysOwnWordsMadeSafe) {
  const auto verdict = answered("HTTP/1.1 403 Access \x1b[31mdenied\r\n\r\n");
  EXPECT_EQ(verdict.outcome, kind::refused);
  EXPECT_EQ(verdict.reason, "403 Access \\x1b[31mdenied");
}

TEST(HttpConnect, TellsMissingFromWrongCredentials) {
  const auto* text =
      "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n";
  EXPECT_EQ(answered(text).outcome, kind::wants_credentials);
  EXPECT_EQ(answered(text, 0, known()).outcome, kind::credentials_refused);
  EXPECT_EQ(answered("HTTP/1.1 401 Unauthorized\r\n\r\n").outcome, kind::refused);
  EXPECT_EQ(answered("HTTP/1.1 401 Unauthorized\r\n\r\n", 0, known()).outcome, kind::credentials_refused)
      << "as Tinyproxy says it";
  const auto other = answered(
      "HTTP/1.1 407 No\r\nproxy-authenticate:  Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n", 0, known());
  EXPECT_EQ(other.outcome, kind::credentials_refused);
  EXPECT_THAT(other.reason, HasSubstr("Negotiate, NTLM"));
}

TEST(HttpConnect, RefusesWhatIsNoHttp) {
  for (const std::string_view text :
       {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000\r\n\r\n", "HTTP/1.1  200 OK\r\n", "HTTP/1.1 099 x\r\n", "HTTP/1.1\r\n", "\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n", "HTTP/1.1 200 OK\r\n: x\r\n"}) {
    http_connect handshake(target, std::nullopt);
    for (const auto value : as_octets(text))
      if (handshake.wanted() > 0) handshake.feed({&value, 1});
    ASSERT_TRUE(handshake.outcome()) << text;
    EXPECT_EQ(handshake.outcome()->outcome, kind::not_a_proxy) << text;
  }
}

TEST(HttpConnect, EndsAnAnswerThatDoesNotEnd) {
  const auto taken = [](const std::string& begin, char repeated) {
    http_connect handshake(target, std::nullopt);
    handshake.feed(as_octets(begin));
    std::size_t count = 0;
    const auto value = static_cast<octet>(repeated);
    for (; handshake.wanted() > 0 && count < std::size_t{1} << 20U; ++count) handshake.feed({&value, 1});
    return count;
  };
  EXPECT_LE(taken("HTTP/1.1 200 ", 'x'), http_connect::max_line);
  EXPECT_LE(taken("HTTP/1.1 200 OK\r\nX:", 'x'), http_connect::max_line);
  http_connect many(target, std::nullopt);
  many.feed(as_octets("HTTP/1.1 200 OK\r\n"));
  std::size_t lines = 0;
  for (; many.wanted() > 0 && lines < 100'000; ++lines)
    for (const auto value : as_octets("a: b\r\n"))
      if (many.wanted() > 0) many.feed({&value, 1});
  EXPECT_EQ(many.outcome()->outcome, kind::not_a_proxy);
  EXPECT_LE(lines, http_connect::max_head / 6 + 1);
}

TEST(HttpConnect, HasNoRoomForAColonInAUsersName) {
  EXPECT_THROW(http_connect(target, socks::credentials{"a:b", secret()}), std::invalid_argument);
}

}  // namespace
}  // namespace tunnel::path
