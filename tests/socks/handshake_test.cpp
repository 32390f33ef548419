#include "socks/handshake.hpp"

#include <gtest/gtest.h>

#include "transcript.hpp"

namespace tunnel::socks {
namespace {

using namespace std::string_view_literals;

const octets socks5_request{0x05, 0x01, 0x00, 0x01, 192, 0, 2, 1, 0x00, 0x50};
const octets socks4_request{0x04, 0x01, 0x00, 0x50, 192, 0, 2, 1, 0x00};

TEST(SocksHandshake, AsksForMoreBeforeTheFirstOctet) {
  server_handshake handshake;
  EXPECT_EQ(handshake.next(), event(need_more{}));
  EXPECT_EQ(handshake.feed({}), 0U);
  EXPECT_EQ(handshake.next(), event(need_more{}));
}

TEST(SocksHandshake, TellsTheProtocolByTheFirstOctet) {
  for (unsigned value = 0; value < 256; ++value) {
    const transcript got = run(octets{static_cast<octet>(value)});
    if (value == 4 || value == 5) {
      EXPECT_EQ(got.last, event(need_more{})) << value;
    } else if (value >= 'A' && value <= 'Z') {
      EXPECT_EQ(got.last, event(http_request{})) << value;
    } else {
      ASSERT_TRUE(std::holds_alternative<violation>(got.last)) << value;
      EXPECT_TRUE(std::get<violation>(got.last).reply.empty());
    }
  }
}

TEST(SocksHandshake, NamesTheFirstOctetOfAnUnknownProtocol) {
  const transcript got = run({{0x16, 0x03, 0x01}});
  ASSERT_TRUE(std::holds_alternative<violation>(got.last));
  EXPECT_EQ(std::get<violation>(got.last).reason,
            "the client speaks neither SOCKS nor HTTP: its first octet is 0x16");
}

TEST(SocksHandshake, KeepsEveryOctetOfAnHttpRequest) {
  const octets input = octets{} + "GET / HTTP/1.1\r\n\r\n";
  const transcript got = run(input);
  EXPECT_EQ(got.last, event(http_request{}));
  EXPECT_EQ(got.early_data, input);
}

TEST(SocksHandshake, SendsTheSelectionOnceAndBeforeAPipelinedRequest) {
  server_handshake handshake;
  handshake.feed(greeting + socks5_request);
  EXPECT_EQ(handshake.next(), event(outgoing{selection}));
  EXPECT_TRUE(std::holds_alternative<request>(handshake.next()));
}

TEST(SocksHandshake, RepeatsTheLastEvent) {
  server_handshake handshake;
  handshake.feed(socks4_request);
  const event first = handshake.next();
  EXPECT_TRUE(std::holds_alternative<request>(first));
  EXPECT_EQ(handshake.next(), first);
}

TEST(SocksHandshake, KeepsDataSentWithTheRequestOnce) {
  for (const octets& opening : {greeting + socks5_request, socks4_request}) {
    server_handshake handshake;
    transcript so_far;
    handshake.feed(opening + "early");
    drain(handshake, so_far);
    EXPECT_EQ(handshake.take_early_data(), octets{} + "early");
    EXPECT_TRUE(handshake.take_early_data().empty());
  }
}

TEST(SocksHandshake, KeepsEarlyDataThatLooksLikeSocksOrHttp) {
  for (const auto text : {"\x05\x01\x00"sv, "\x04"sv, "GET /"sv, "\0\0"sv}) {
    EXPECT_EQ(run(socks4_request + text).early_data, octets{} + text);
  }
}

TEST(SocksHandshake, KeepsDataFedAfterTheRequestInOrder) {
  server_handshake handshake;
  transcript so_far;
  handshake.feed(socks4_request + "one");
  drain(handshake, so_far);
  handshake.feed(as_octets(" two"));
  EXPECT_EQ(handshake.take_early_data(), octets{} + "one two");
  handshake.feed(as_octets(" three"));
  EXPECT_EQ(handshake.take_early_data(), octets{} + " three");
}

TEST(SocksHandshake, HasNoEarlyDataBeforeTheRequestIsComplete) {
  server_handshake handshake;
  handshake.feed(octet_view(socks4_request).first(5));
  EXPECT_EQ(handshake.next(), event(need_more{}));
  EXPECT_TRUE(handshake.take_early_data().empty());
  handshake.feed(octet_view(socks4_request).subspan(5));
  EXPECT_TRUE(std::holds_alternative<request>(handshake.next()));
}

TEST(SocksHandshake, HasNoEarlyDataAfterAViolation) {
  EXPECT_TRUE(run(greeting + octets{0x05, 0x01, 0x00, 0x09} + "GET / HTTP/1.1").early_data.empty());
}

TEST(SocksHandshake, TakesNoMoreThanItsRoomAndSaysHowMuch) {
  server_handshake handshake;
  EXPECT_EQ(handshake.room(), max_handshake);
  EXPECT_EQ(handshake.feed(socks4_request), socks4_request.size());
  EXPECT_EQ(handshake.room(), max_handshake - socks4_request.size());

  const octets flood(3 * max_handshake, 0x2a);
  EXPECT_EQ(handshake.feed(flood), max_handshake - socks4_request.size());
  EXPECT_EQ(handshake.room(), 0U);
  EXPECT_EQ(handshake.feed(flood), 0U);
  EXPECT_TRUE(std::holds_alternative<request>(handshake.next()));
  EXPECT_EQ(handshake.take_early_data().size(), max_handshake - socks4_request.size());
}

TEST(SocksHandshake, NeverWaitsForMoreWithAFullBuffer) {
  const octets endless(max_handshake, 'x');
  const octets user = octets{0x04, 0x01, 0, 80, 1, 2, 3, 4} + endless;
  const octets name = octets{0x04, 0x01, 0, 80, 0, 0, 0, 1, 0} + endless;
  for (const octets& input : {user, name}) {
    EXPECT_TRUE(std::holds_alternative<violation>(run(input).last));
  }
}

}  // namespace
}  // namespace tunnel::socks
