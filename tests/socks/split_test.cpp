#include <gtest/gtest.h>

#include <tuple>

#include "transcript.hpp"

// However an input is split into writes, a handshake does the same with it.
namespace tunnel::socks {
namespace {

using namespace std::string_view_literals;

// A name for the test, the handshake, and whether it ends in a request.
using sample = std::tuple<const char*, octets, bool>;
class SplitHandshake : public testing::TestWithParam<sample> {
 protected:
  const octets& input() const { return std::get<1>(GetParam()); }
  bool is_valid() const { return std::get<2>(GetParam()); }
};

TEST_P(SplitHandshake, IsTheSameOctetByOctetAsAtOnce) {
  const transcript at_once = run(input());
  EXPECT_EQ(run_octet_by_octet(input()), at_once);
  EXPECT_EQ(std::holds_alternative<request>(at_once.last), is_valid());
}

TEST_P(SplitHandshake, IsTheSameForEverySplitPoint) {
  const transcript at_once = run(input());
  const octet_view all = input();
  for (std::size_t at = 0; at <= all.size(); ++at) {
    EXPECT_EQ(run_chunks({all.first(at), all.subspan(at)}), at_once) << at;
  }
}

TEST_P(SplitHandshake, AsksForMoreWhenCutAtAnyOffset) {
  if (!is_valid()) return;
  const octet_view all = input();
  for (std::size_t length = 0; length < all.size(); ++length) {
    EXPECT_EQ(run(all.first(length)).last, event(need_more{})) << length;
  }
}

TEST_P(SplitHandshake, KeepsTheSameEarlyDataForEverySplitPoint) {
  const octets with_data = input() + "GET / HTTP/1.1\r\n\r\n\x05\x01\x00\x04"sv;
  const transcript at_once = run(with_data);
  const octet_view all = with_data;
  for (std::size_t at = 0; at <= all.size(); ++at) {
    EXPECT_EQ(run_chunks({all.first(at), all.subspan(at)}), at_once) << at;
  }
  EXPECT_EQ(run_octet_by_octet(all), at_once);
  EXPECT_EQ(at_once.early_data.size(), is_valid() ? with_data.size() - input().size() : 0U);
}

const octets port{0x01, 0xbb};

INSTANTIATE_TEST_SUITE_P(
    Valid, SplitHandshake,
    testing::Values(
        sample{"Socks4", octets{0x04, 0x01, 0, 80, 192, 0, 2, 1} + "user\0"sv, true},
        sample{"Socks4NoUser", octets{0x04, 0x02, 0, 80, 192, 0, 2, 1, 0}, true},
        sample{"Socks4a", octets{0x04, 0x01, 0, 80, 0, 0, 0, 1} + "user\0example.org\0"sv, true},
        sample{"Socks4aLongest",
               octets{0x04, 0x01, 0, 80, 0, 0, 0, 255} + std::string(max_user_id, 'u') + "\0"sv +
                   std::string(max_host, 'h') + "\0"sv,
               true},
        sample{"Socks5Ipv4", greeting + octets{0x05, 0x01, 0x00, 0x01, 192, 0, 2, 1, 0, 80}, true},
        sample{"Socks5Ipv6",
               greeting + octets{0x05, 0x01, 0x00, 0x04, 0x20, 0x01, 0x0d, 0xb8, 0, 0,
                                 0,    0,    0,    0,    0,    0,    0,    0,    0, 1} +
                   port,
               true},
        sample{"Socks5Name", greeting + octets{0x05, 0x01, 0x00, 0x03, 11} + "example.org" + port, true},
        sample{"Socks5LongestName",
               greeting + octets{0x05, 0x01, 0x00, 0x03, 255} + std::string(max_host, 'h') + port, true},
        sample{"Socks5ManyMethods",
               octets{0x05, 0x04, 0x02, 0x01, 0x80, 0x00} + octets{0x05, 0xf0, 0x00, 0x03, 1, 'h', 0, 0},
               true}),
    [](const auto& instance) { return std::get<0>(instance.param); });

INSTANTIATE_TEST_SUITE_P(
    Malformed, SplitHandshake,
    testing::Values(
        sample{"NeitherSocksNorHttp", octets{0x16, 0x03, 0x01, 0x00}, false},
        sample{"Socks4Command", octets{0x04, 0x03, 0, 80, 192, 0, 2, 1, 0}, false},
        sample{"Socks4UserTooLong", octets{0x04, 0x01, 0, 80, 1, 2, 3, 4} + std::string(600, 'u'), false},
        sample{"Socks4aEmptyName", octets{0x04, 0x01, 0, 80, 0, 0, 0, 1, 0, 0}, false},
        sample{"Socks4aNameTooLong", octets{0x04, 0x01, 0, 80, 0, 0, 0, 1, 0} + std::string(300, 'h'), false},
        sample{"Socks4aControl", octets{0x04, 0x01, 0, 80, 0, 0, 0, 1, 0} + "a\nb\0"sv, false},
        sample{"Socks5NoMethods", octets{0x05, 0x00}, false},
        sample{"Socks5NoneAcceptable", octets{0x05, 0x02, 0x01, 0x02}, false},
        sample{"Socks5Version", greeting + octets{0x04, 0x01, 0xff, 0x09}, false},
        sample{"Socks5Reserved", greeting + octets{0x05, 0x01, 0x01, 0x09}, false},
        sample{"Socks5AddressType", greeting + octets{0x05, 0x01, 0x00, 0x02, 1, 2, 3, 4}, false},
        sample{"Socks5EmptyName", greeting + octets{0x05, 0x01, 0x00, 0x03, 0} + port, false},
        sample{"Socks5Control", greeting + octets{0x05, 0x01, 0x00, 0x03, 2, 'a', 0x7f} + port, false}),
    [](const auto& instance) { return std::get<0>(instance.param); });

}  // namespace
}  // namespace tunnel::socks
