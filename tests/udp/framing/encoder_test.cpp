#include "udp/framing/encoder.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "support/hexadecimal.hpp"

namespace tunnel::udp::framing {
namespace {

using support::hexadecimal;

octets room() {
  return octets(max_frame);
}

std::string datagram_to(const socks::address& target, octet_view payload = {}) {
  auto out = room();
  out.resize(encode_datagram(out, 0x01020304, view_of(target), payload));
  return hexadecimal(out);
}

// The example of docs/udp-relay.md.
TEST(UdpFrameEncoder, WritesAnIpv4Datagram) {
  EXPECT_EQ(datagram_to({socks::ipv4{8, 8, 8, 8}, 53}, octets{0xaa, 0xbb}),
            "00000e"
            "01"
            "01020304"
            "01"
            "08080808"
            "0035"
            "aabb");
}

TEST(UdpFrameEncoder, WritesAnIpv6Datagram) {
  socks::ipv6 host{0x20, 0x01, 0x0d, 0xb8};
  host[15] = 1;
  EXPECT_EQ(datagram_to({host, 53}),
            "000018"
            "01"
            "01020304"
            "04"
            "20010db8000000000000000000000001"
            "0035");
}

TEST(UdpFrameEncoder, WritesADatagramToAName) {
  EXPECT_EQ(datagram_to({std::string("a.b"), 0xffff}),
            "00000c"
            "01"
            "01020304"
            "03"
            "03612e62"
            "ffff");
}

TEST(UdpFrameEncoder, WritesTheLargestFrameIntoTheRoomForIt) {
  auto out = room();
  const socks::address target{std::string(socks::max_host, 'a'), 1};
  EXPECT_EQ(encode_datagram(out, 1, view_of(target), octets(max_payload)), max_frame);
}

TEST(UdpFrameEncoder, WritesTexts) {
  auto out = room();
  out.resize(encode_close(out, 1, "idle"));
  EXPECT_EQ(hexadecimal(out),
            "000009"
            "02"
            "00000001"
            "69646c65");
  out.resize(encode_notice(out = room(), 1, "?"));
  EXPECT_EQ(hexadecimal(out),
            "000006"
            "03"
            "00000001"
            "3f");
  out.resize(encode_failure(out = room(), "!"));
  EXPECT_EQ(hexadecimal(out),
            "000006"
            "04"
            "00000000"
            "21");
}

TEST(UdpFrameEncoder, CutsALongText) {
  auto out = room();
  EXPECT_EQ(encode_failure(out, std::string(max_text + 1, 'a')), head_size + max_text);
}

TEST(UdpFrameEncoder, PutsAHeadBeforeABodyThatIsThere) {
  octets out(head_size);
  encode_head(out, message_type::datagram, 7, 9);
  EXPECT_EQ(hexadecimal(out),
            "00000e"
            "01"
            "00000007");
}

TEST(UdpFrameEncoder, ThrowsOverWhatDoesNotFit) {
  octets small(head_size + 6);
  const socks::address four{socks::ipv4{}, 1};
  EXPECT_THROW(encode_datagram(small, 1, view_of(four), {}), std::length_error);
  EXPECT_THROW(encode_close(octet_span(small).first(head_size), 1, "a"), std::length_error);
  auto out = room();
  EXPECT_THROW(encode_datagram(out, 1, view_of(four), octets(max_payload + 1)), std::length_error);
  EXPECT_THROW(encode_address(out, {socks::address_type::ipv6, octet_view(small).first(4), 1}),
               std::length_error);
  EXPECT_THROW(encode_address(out, {socks::address_type::domain_name, {}, 1}), std::length_error);
}

}  // namespace
}  // namespace tunnel::udp::framing
