#include "udp/client/hev.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tunnel::udp::hev {
namespace {

using namespace std::string_view_literals;

constexpr auto accepted = "\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x90"sv;

const socks::address resolver{socks::ipv4{8, 8, 8, 8}, 53};

std::string header_of(const socks::address& peer, std::size_t data_size) {
  std::array<octet, max_header> space;
  const auto size = write_header(space, peer, data_size);
  return std::string(as_text(octet_view(space).first(size)));
}

TEST(HevHandshake, EndsBehindTheReply) {
  const auto stream = std::string(accepted) + "rest";
  octet_view data = as_octets(stream);
  handshake shake;
  EXPECT_EQ(shake.feed(data), handshake::state::done);
  EXPECT_EQ(as_text(data), "rest");
}

TEST(HevHandshake, IsTheSameOctetByOctet) {
  for (const auto reply : {accepted, "\x05\x00\x05\x00\x00\x03\x01x\x1f\x90"sv,
                           "\x05\x00\x05\x00\x00\x04xxxxxxxxxxxxxxxx\x1f\x90"sv}) {
    handshake shake;
    for (std::size_t i = 0; i < reply.size(); ++i) {
      octet_view data = as_octets(reply.substr(i, 1));
      EXPECT_EQ(shake.feed(data),
                i + 1 == reply.size() ? handshake::state::done : handshake::state::incomplete);
      EXPECT_TRUE(data.empty());
    }
  }
}

TEST(HevHandshake, SaysWhyItFailed) {
  const auto reason_of = [](std::string_view answer) {
    octet_view data = as_octets(answer);
    handshake shake;
    EXPECT_EQ(shake.feed(data), handshake::state::failed);
    return shake.reason();
  };
  EXPECT_THAT(reason_of("HTTP/1.1"), testing::HasSubstr("does not speak SOCKS5"));
  EXPECT_THAT(reason_of("\x05\xff"sv), testing::HasSubstr("authenticate"));
  EXPECT_THAT(reason_of("\x05\x00\x05\x07\x00\x01"sv), testing::HasSubstr("reply 7"));
  EXPECT_THAT(reason_of(std::string("\x05\x00\x05\x00\x00\x09"sv) + std::string(300, 'x')),
              testing::HasSubstr("no sense"));
}

TEST(Hev, WritesADatagram) {
  EXPECT_EQ(header_of(resolver, 2), "\x00\x02\x0a\x01\x08\x08\x08\x08\x00\x35"sv);
  EXPECT_EQ(header_of({"a.test", 53}, 0x123),
            "\x01\x23\x0d\x03\x06"
            "a.test\x00\x35"sv);
}

TEST(Hev, ReadsWhatItWrites) {
  const auto frame = header_of(resolver, 4) + "data";
  ASSERT_EQ(frame_size(as_octets(frame)), frame.size());
  datagram found;
  ASSERT_TRUE(parse(as_octets(frame), found));
  EXPECT_EQ(found.peer, resolver);
  EXPECT_EQ(as_text(found.data), "data");
}

TEST(Hev, SendsNothingThatTheServerWouldNotTake) {
  EXPECT_NE(header_of(resolver, 1493), "");
  EXPECT_EQ(header_of(resolver, 1494), "");
  const socks::address six{socks::ipv6{}, 53};
  EXPECT_NE(header_of(six, 1481), "");
  EXPECT_EQ(header_of(six, 1482), "");
  const socks::address named{std::string(100, 'x'), 53};
  EXPECT_NE(header_of(named, 1396), "");
  EXPECT_EQ(header_of(named, 1397), "");
  EXPECT_EQ(header_of({std::string(249, 'x'), 53}, 1), "") << "its header's size is one octet";
}

TEST(Hev, TakesThreeOctetsToTellALength) {
  EXPECT_EQ(frame_size(as_octets("\x00\x02"sv)), 0U);
  EXPECT_EQ(frame_size(as_octets("\x01\x02\x0a"sv)), 10U + 0x102U);
  EXPECT_EQ(frame_size(as_octets("\x00\x02\x00"sv)), 5U) << "never less than was seen";
}

TEST(Hev, RefusesAFrameThatMakesNoSense) {
  datagram found;
  for (const auto wrong :
       {""sv, "\x00\x00"sv, "\x00\x00\x00"sv, "\x00\x00\x03"sv, "\x00\x00\x0a\x02\x08\x08\x08\x08\x00\x35"sv,
        "\x00\x00\x09\x01\x08\x08\x08\x08\x00"sv, "\x00\x00\x0b\x01\x08\x08\x08\x08\x00\x35x"sv,
        "\x00\x00\xff\x01\x08\x08"sv})
    EXPECT_FALSE(parse(as_octets(wrong), found)) << testing::PrintToString(wrong);
}

}  // namespace
}  // namespace tunnel::udp::hev
