#include "aio/dial.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/event_loop.hpp"

namespace tunnel::aio {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Dial : public testing::Test {
 protected:
  result<std::unique_ptr<byte_stream>> dial_to(const std::string& host, std::uint16_t port,
                                               address_family family = address_family::any) {
    const dial_target target{.host = host,
                             .port = port,
                             .family = family,
                             .timeout = std::chrono::seconds(5),
                             .unacknowledged_limit = std::chrono::seconds(5)};
    support::started dialling(context_, dial(target));
    return std::move(dialling.wait());
  }

  asio::io_context context_;
};

TEST_F(Dial, ConnectsByAddressAndByName) {
  tcp::acceptor acceptor(context_, {asio::ip::address_v4::loopback(), 0});
  const auto port = acceptor.local_endpoint().port();
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    const auto stream = dial_to(host, port);
    ASSERT_TRUE(stream) << stream.error().message;
    EXPECT_EQ((*stream)->peer(), "127.0.0.1 port " + std::to_string(port));
  }
}

TEST_F(Dial, SaysWhoRefused) {
  std::uint16_t port = 0;
  {
    const tcp::acceptor gone(context_, {asio::ip::address_v4::loopback(), 0});
    port = gone.local_endpoint().port();
  }
  const auto stream = dial_to("127.0.0.1", port);
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().code, asio::error::connection_refused);
  EXPECT_THAT(stream.error().message,
              AllOf(HasSubstr("connect to host 127.0.0.1 [127.0.0.1] port " + std::to_string(port)),
                    HasSubstr("refused")));
}

TEST_F(Dial, KeepsToTheWantedFamily) {
  tcp::acceptor acceptor(context_, {asio::ip::address_v4::loopback(), 0});
  const auto port = acceptor.local_endpoint().port();
  EXPECT_TRUE(dial_to("localhost", port, address_family::inet));
  EXPECT_FALSE(dial_to("localhost", port, address_family::inet6)) << "nobody listens there";
}

TEST_F(Dial, SaysWhichNameItCouldNotResolve) {
  // RFC 6761 section 6.4: this name never exists.
  const auto stream = dial_to("nowhere.invalid", 22);
  ASSERT_FALSE(stream);
  EXPECT_THAT(stream.error().message, HasSubstr("could not resolve hostname nowhere.invalid"));
}

}  // namespace
}  // namespace tunnel::aio
