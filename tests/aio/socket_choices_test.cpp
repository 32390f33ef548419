#include "aio/socket_choices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "aio/dial.hpp"
#include "support/event_loop.hpp"

namespace tunnel::aio {
namespace {

using testing::HasSubstr;

class SocketChoices : public testing::Test {
 protected:
  // A socket for a connection to that address, or why there is none.
  result<tcp::endpoint> open(const std::string& peer, const socket_choices& choices) {
    const tcp::endpoint far(asio::ip::make_address(peer), 22);
    support::started opening(context_, open_socket(socket_, far, choices));
    auto& opened = opening.wait();
    if (!opened) return opened.error();
    return socket_.local_endpoint();
  }

  [[nodiscard]] int option(int level, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    EXPECT_EQ(::getsockopt(socket_.native_handle(), level, name, &value, &size), 0);
    return value;
  }

  asio::io_context context_;
  tcp::socket socket_{context_};
};

TEST_F(SocketChoices, KeepTheConnectionAliveUnlessTold) {
  ASSERT_TRUE(open("127.0.0.1", {}));
  EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 1);
  socket_.close();
  ASSERT_TRUE(open("127.0.0.1", {.keep_alive = false}));
  EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 0);
}

TEST_F(SocketChoices, SetTheTypeOfServiceOfBothFamilies) {
  ASSERT_TRUE(open("127.0.0.1", {.type_of_service = 0x08}));
  EXPECT_EQ(option(IPPROTO_IP, IP_TOS), 0x08);
  socket_.close();
  ASSERT_TRUE(open("::1", {.type_of_service = 0x20}));
  EXPECT_EQ(option(IPPROTO_IPV6, IPV6_TCLASS), 0x20);
}

TEST_F(SocketChoices, LeaveTheRestToTheSystem) {
  const auto local = open("127.0.0.1", {});
  ASSERT_TRUE(local);
  EXPECT_TRUE(local->address().is_unspecified());
  EXPECT_EQ(option(IPPROTO_IP, IP_TOS), 0);
}

TEST_F(SocketChoices, BindToAnAddress) {
  EXPECT_EQ(open("127.0.0.1", {.bind_address = "127.0.0.2"})->address().to_string(), "127.0.0.2");
  socket_.close();
  EXPECT_EQ(open("127.0.0.1", {.bind_address = "localhost"})->address().to_string(), "127.0.0.1");
}

TEST_F(SocketChoices, BindToAnInterfacesAddress) {
  EXPECT_EQ(open("127.0.0.1", {.bind_interface = "lo"})->address().to_string(), "127.0.0.1");
  socket_.close();
  EXPECT_EQ(open("127.0.0.1", {.bind_address = "127.0.0.2", .bind_interface = "lo"})->address().to_string(),
            "127.0.0.2");
}

TEST_F(SocketChoices, SayWhatCannotBeUsed) {
  // RFC 5737: nobody's.
  const auto foreign = open("127.0.0.1", {.bind_address = "192.0.2.1"});
  ASSERT_FALSE(foreign);
  EXPECT_THAT(foreign.error().message, HasSubstr("cannot connect from the address 192.0.2.1"));
  socket_.close();
  const auto mismatch = open("127.0.0.1", {.bind_address = "::1"});
  ASSERT_FALSE(mismatch);
  EXPECT_THAT(mismatch.error().message, HasSubstr("cannot connect from the address ::1"));
  socket_.close();
  const auto unknown = open("127.0.0.1", {.bind_interface = "nosuch0"});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("the interface nosuch0, which has no IPv4 address"));
}

TEST_F(SocketChoices, HoldForADialledConnection) {
  tcp::acceptor acceptor(context_, {asio::ip::address_v4::loopback(), 0});
  const dial_target target{.host = "127.0.0.1",
                           .port = acceptor.local_endpoint().port(),
                           .timeout = std::chrono::seconds(5),
                           .socket = {.bind_address = "127.0.0.2"}};
  support::started dialling(context_, dial(target));
  ASSERT_TRUE(dialling.wait());
  tcp::endpoint from;
  acceptor.accept(from);
  EXPECT_EQ(from.address().to_string(), "127.0.0.2");
}

TEST_F(SocketChoices, ThatCannotBeMetFailTheDial) {
  tcp::acceptor acceptor(context_, {asio::ip::address_v4::loopback(), 0});
  const dial_target target{.host = "127.0.0.1",
                           .port = acceptor.local_endpoint().port(),
                           .timeout = std::chrono::seconds(5),
                           .socket = {.bind_interface = "nosuch0"}};
  support::started dialling(context_, dial(target));
  const auto& stream = dialling.wait();
  ASSERT_FALSE(stream);
  EXPECT_THAT(stream.error().message, HasSubstr("nosuch0"));
}

}  // namespace
}  // namespace tunnel::aio
