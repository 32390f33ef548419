#include "udp/framing/decoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/hexadecimal.hpp"
#include "udp/framing/encoder.hpp"

namespace tunnel::udp::framing {
namespace {

using support::from_hexadecimal;
using support::hexadecimal;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string described(const event& each) {
  if (std::holds_alternative<greeting>(each)) return "greeting";
  if (const auto* got = std::get_if<datagram>(&each))
    return std::to_string(got->association) + " " + to_address(got->address).to_string() + " " +
           hexadecimal(got->payload);
  if (const auto* got = std::get_if<closed>(&each))
    return "close " + std::to_string(got->association) + " " + std::string(got->reason);
  if (const auto* got = std::get_if<notice>(&each))
    return "notice " + std::to_string(got->association) + " " + std::string(got->text);
  return "need_more";
}

struct outcome {
  std::vector<std::string> events;
  error failure;
};

void take(decoder& from, octet_view piece, outcome& so_far) {
  from.feed(piece);
  for (;;) {
    const auto next = from.next();
    if (!next) {
      so_far.failure = next.error();
      return;
    }
    if (std::holds_alternative<need_more>(*next)) return;
    so_far.events.push_back(described(*next));
  }
}

outcome decode(octet_view stream, std::size_t piece_size = SIZE_MAX,
               before_greeting allowed = before_greeting::nothing) {
  decoder from(allowed);
  outcome got;
  while (!stream.empty() && !got.failure.code.failed()) {
    const auto piece = stream.first(std::min(piece_size, stream.size()));
    // A copy of its own, so that a view which lived too long would be seen.
    take(from, octets(piece.begin(), piece.end()), got);
    stream = stream.subspan(piece.size());
  }
  return got;
}

octets greeted(std::string_view frames) {
  octets stream(greeting_octets.begin(), greeting_octets.end());
  const auto rest = from_hexadecimal(frames);
  stream.insert(stream.end(), rest.begin(), rest.end());
  return stream;
}

const std::string ipv4_frame =
    "00000e"
    "01"
    "01020304"
    "01"
    "08080808"
    "0035"
    "aabb";

TEST(UdpFrameDecoder, ReadsEveryKindOfMessage) {
  const auto got = decode(greeted(ipv4_frame + "000018"
                                               "01"
                                               "00000002"
                                               "04"
                                               "20010db8000000000000000000000001"
                                               "0035"
                                               "00000c"
                                               "01"
                                               "00000003"
                                               "03"
                                               "03612e62"
                                               "ffff"
                                               "000009"
                                               "02"
                                               "00000001"
                                               "69646c65"
                                               "000006"
                                               "03"
                                               "00000001"
                                               "3f"));
  EXPECT_THAT(got.events, ElementsAre("greeting", "16909060 8.8.8.8:53 aabb", "2 [2001:db8::1]:53 ",
                                      "3 a.b:65535 ", "close 1 idle", "notice 1 ?"));
  EXPECT_FALSE(got.failure.code.failed());
}

TEST(UdpFrameDecoder, ReadsTheSameHoweverTheOctetsAreSplit) {
  const auto stream = greeted(ipv4_frame +
                              "000005"
                              "02"
                              "00000001" +
                              ipv4_frame + ipv4_frame);
  const auto at_once = decode(stream);
  ASSERT_EQ(at_once.events.size(), 5U);
  for (std::size_t size = 1; size < stream.size(); ++size)
    EXPECT_EQ(decode(stream, size).events, at_once.events);
}

TEST(UdpFrameDecoder, ReadsTheLargestDatagram) {
  octets stream(greeting_octets.begin(), greeting_octets.end());
  octets frame(max_frame);
  const socks::address target{std::string(socks::max_host, 'a'), 1};
  const octets payload(max_payload, 7);
  encode_datagram(frame, 1, view_of(target), payload);
  stream.insert(stream.end(), frame.begin(), frame.end());
  EXPECT_EQ(decode(stream, 1000).events.back(), "1 " + target.to_string() + " " + hexadecimal(payload));
}

TEST(UdpFrameDecoder, WaitsForATruncatedFrame) {
  const auto stream = greeted(ipv4_frame);
  for (std::size_t size = greeting_octets.size(); size < stream.size(); ++size) {
    const auto got = decode(octet_view(stream).first(size));
    EXPECT_THAT(got.events, ElementsAre("greeting"));
    EXPECT_FALSE(got.failure.code.failed());
  }
}

TEST(UdpFrameDecoder, DoesNotCopyAFrameThatCameWhole) {
  const auto stream = greeted(ipv4_frame);
  decoder from;
  from.feed(stream);
  ASSERT_TRUE(std::holds_alternative<greeting>(*from.next()));
  const auto next = from.next();
  EXPECT_EQ(std::get<datagram>(*next).payload.data(), stream.data() + stream.size() - 2);
}

TEST(UdpFrameDecoder, RefusesALengthOutsideTheLimits) {
  for (const auto* length : {"000000", "000004", "010100", "ffffff"}) {
    const auto got = decode(greeted(length), 1);
    EXPECT_EQ(got.failure.code, errc::invalid_length) << length;
    EXPECT_THAT(got.failure.message, HasSubstr("octets")) << length;
  }
  EXPECT_FALSE(decode(greeted("0100ff")).failure.code.failed());
}

TEST(UdpFrameDecoder, RefusesMalformedMessages) {
  for (const auto* frame : {
           "000005"
           "01"
           "00000001",  // no address
           "000006"
           "01"
           "00000001"
           "01",  // no host
           "00000b"
           "01"
           "00000001"
           "01"
           "08080808"
           "00",  // half a port
           "00000c"
           "01"
           "00000001"
           "02"
           "08080808"
           "0035",  // ATYP that there is not
           "000006"
           "01"
           "00000001"
           "03",  // no length of the name
           "000009"
           "01"
           "00000001"
           "03"
           "00"
           "0035",  // an empty name
           "00000a"
           "01"
           "00000001"
           "03"
           "02"
           "61"
           "0035",  // a name that ends too early
           "000005"
           "00"
           "00000001",
           "000005"
           "05"
           "00000001",  // unknown types
       }) {
    const auto got = decode(greeted(frame));
    EXPECT_EQ(got.failure.code, errc::malformed) << frame;
    EXPECT_THAT(got.events, ElementsAre("greeting")) << frame;
  }
}

TEST(UdpFrameDecoder, EndsWithWhatThePeerSaysOfItsFailure) {
  const auto got =
      decode(greeted("000008"
                     "04"
                     "00000000"
                     "611b62" +
                     ipv4_frame));
  EXPECT_EQ(got.failure.code, errc::peer_failed);
  EXPECT_THAT(got.failure.message, HasSubstr("a\\x1bb"));
  EXPECT_THAT(got.events, ElementsAre("greeting"));
}

TEST(UdpFrameDecoder, RepeatsAnError) {
  decoder from;
  outcome got;
  take(from, greeted("000000"), got);
  take(from, from_hexadecimal(ipv4_frame), got);
  EXPECT_EQ(from.next().error().code, errc::invalid_length);
  EXPECT_THAT(got.events, ElementsAre("greeting"));
}

TEST(UdpFrameDecoder, RefusesAnotherVersion) {
  auto stream = greeted("");
  stream.back() = 2;
  const auto got = decode(stream);
  EXPECT_EQ(got.failure.code, errc::unknown_version);
  EXPECT_THAT(got.failure.message, HasSubstr("version 2"));
}

TEST(UdpFrameDecoder, RefusesAPeerThatIsNoRelay) {
  const auto got = decode(as_octets("SSH-2.0-x\r\n"));
  EXPECT_EQ(got.failure.code, errc::not_a_relay);
  EXPECT_THAT(got.failure.message, HasSubstr("SSH-2.0-x"));
}

TEST(UdpFrameDecoder, PassesOverWhatALoginShellSays) {
  octets stream;
  // With a false start in front of the greeting, and a NUL.
  for (const auto part :
       {as_octets("Welcome!\n"), octet_view(greeting_octets).first(5), octet_view(greeting_octets).first(1)})
    stream.insert(stream.end(), part.begin(), part.end());
  const auto rest = greeted(ipv4_frame);
  stream.insert(stream.end(), rest.begin(), rest.end());
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, stream.size()})
    EXPECT_THAT(decode(stream, size, before_greeting::noise).events, ElementsAre("greeting", testing::_));
}

TEST(UdpFrameDecoder, EndsWhenAShellSaysTooMuch) {
  octets stream(max_noise, 'a');
  const auto rest = greeted("");
  stream.insert(stream.end(), rest.begin(), rest.end());
  EXPECT_THAT(decode(stream, 1000, before_greeting::noise).events, ElementsAre("greeting"));
  stream.insert(stream.begin(), 'a');
  const auto got = decode(stream, 1000, before_greeting::noise);
  EXPECT_EQ(got.failure.code, errc::not_a_relay);
  EXPECT_THAT(got.events, IsEmpty());
  EXPECT_LT(got.failure.message.size(), 1000U);
}

TEST(UdpFrameDecoder, KeepsWhatTheShellSaidForTheLog) {
  decoder from(before_greeting::noise);
  outcome got;
  take(from, as_octets("python3: not found\n"), got);
  EXPECT_FALSE(from.has_greeted());
  EXPECT_EQ(from.noise(), "python3: not found\n");
}

}  // namespace
}  // namespace tunnel::udp::framing
