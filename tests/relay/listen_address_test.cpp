#include <gtest/gtest.h>

#include "relay/server.hpp"

namespace tunnel::relay {
namespace {

tcp::endpoint parsed(const char* text) {
  return parse_listen_address(text).value();
}

TEST(ListenAddress, IsOnLoopbackUnlessItNamesAnAddress) {
  EXPECT_EQ(parsed("7300"), tcp::endpoint(asio::ip::make_address("127.0.0.1"), 7300));
  EXPECT_EQ(parsed("localhost:7300"), tcp::endpoint(asio::ip::make_address("127.0.0.1"), 7300));
  EXPECT_EQ(parsed("0.0.0.0:0"), tcp::endpoint(asio::ip::make_address("0.0.0.0"), 0));
  EXPECT_EQ(parsed("[::1]:7300"), tcp::endpoint(asio::ip::make_address("::1"), 7300));
}

TEST(ListenAddress, RefusesWhatIsNone) {
  for (const auto* text : {"", ":", ":7300", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:7300",
                           "[127.0.0.1]:1", "[]:1", "name:1", "7300x", "-1"})
    EXPECT_FALSE(parse_listen_address(text).has_value()) << text;
}

}  // namespace
}  // namespace tunnel::relay
