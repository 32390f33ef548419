#include "proxy/listener.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>

#include "support/event_loop.hpp"
#include "support/far_end.hpp"

namespace tunnel::proxy {
namespace {

using support::run_until;
using testing::HasSubstr;
using testing::StartsWith;

class Listener : public testing::Test {
 protected:
  Listener() { rules_.limit = 100; }

  listener make() {
    return {context_.get_executor(), rules_, waiting_,
            [this](client accepted) { accepted_.push_back(std::move(accepted)); }};
  }

  tcp::socket connect_to(const std::string& address, std::uint16_t port) {
    tcp::socket made(context_);
    made.connect({asio::ip::make_address(address), port});
    return made;
  }

  static std::uint16_t port_of(const std::string& address) {
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }

  asio::io_context context_;
  admission rules_;
  half_open waiting_{100};
  std::list<client> accepted_;
};

TEST_F(Listener, BindsBothLoopbackAddressesToOnePortByDefault) {
  auto listening = make();
  ASSERT_TRUE(listening.bind({std::nullopt, 0}, false));
  const auto addresses = listening.addresses();
  ASSERT_EQ(addresses.size(), 2U);
  EXPECT_THAT(addresses[0], StartsWith("127.0.0.1:"));
  EXPECT_THAT(addresses[1], StartsWith("[::1]:"));
  EXPECT_NE(port_of(addresses[0]), 0);
  EXPECT_EQ(port_of(addresses[0]), port_of(addresses[1]));

  ASSERT_TRUE(listening.listen());
  const auto port = port_of(addresses[0]);
  const auto one = connect_to("127.0.0.1", port);
  const auto other = connect_to("::1", port);
  EXPECT_TRUE(run_until(context_, [&] { return accepted_.size() == 2; }));
}

TEST_F(Listener, BindsWhatIsAskedFor) {
  auto one = make();
  ASSERT_TRUE(one.bind({"127.0.0.1", 0}, false));
  ASSERT_EQ(one.addresses().size(), 1U);
  EXPECT_THAT(one.addresses()[0], StartsWith("127.0.0.1:"));

  auto six = make();
  ASSERT_TRUE(six.bind({"::1", 0}, false));
  ASSERT_EQ(six.addresses().size(), 1U);
  EXPECT_THAT(six.addresses()[0], StartsWith("[::1]:"));

  auto named = make();
  ASSERT_TRUE(named.bind({"localhost", 0}, true));
  EXPECT_EQ(named.addresses().size(), 2U);
  EXPECT_THAT(named.addresses()[0], StartsWith("127.0.0.1:")) << "the name is more telling than -g";
}

TEST_F(Listener, BindsEveryInterfaceWithG) {
  for (const listen_spec& spec : {listen_spec{std::nullopt, 0}, listen_spec{"*", 0}, listen_spec{"", 0}}) {
    auto everywhere = make();
    const auto bound = everywhere.bind(spec, true);
    ASSERT_TRUE(bound) << bound.error().message;
    EXPECT_THAT(everywhere.addresses()[0], StartsWith("0.0.0.0:"));
  }
}

TEST_F(Listener, RefusesToListenBeyondLoopbackWithoutG) {
  for (const char* address : {"*", "", "0.0.0.0", "::", "192.0.2.1"}) {
    auto listening = make();
    const auto bound = listening.bind({address, 0}, false);
    ASSERT_FALSE(bound) << address;
    EXPECT_THAT(bound.error().message, HasSubstr("add -g"));
    EXPECT_TRUE(listening.addresses().empty());
  }
}

TEST_F(Listener, SaysWhichAddressIsInUse) {
  auto first = make();
  ASSERT_TRUE(first.bind({"127.0.0.1", 0}, false));
  ASSERT_TRUE(first.listen());
  auto second = make();
  const auto bound = second.bind({"127.0.0.1", port_of(first.addresses()[0])}, false);
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code, asio::error::address_in_use);
  EXPECT_THAT(bound.error().message, HasSubstr("cannot listen on " + first.addresses()[0]));
  EXPECT_THAT(bound.error().message, HasSubstr("in use"));
}

TEST_F(Listener, SaysWhichAddressWasTakenBeforeItListened) {
  auto first = make();
  ASSERT_TRUE(first.bind({"127.0.0.1", 0}, false));
  auto second = make();
  ASSERT_TRUE(second.bind({"127.0.0.1", port_of(first.addresses()[0])}, false));
  ASSERT_TRUE(second.listen());
  const auto listening = first.listen();
  ASSERT_FALSE(listening);
  EXPECT_THAT(listening.error().message, HasSubstr("cannot listen on " + first.addresses()[0]));
}

TEST_F(Listener, SaysWhichAddressIsNotThisMachines) {
  auto listening = make();
  const auto bound = listening.bind({"192.0.2.1", 0}, true);
  ASSERT_FALSE(bound);
  EXPECT_THAT(bound.error().message, HasSubstr("cannot listen on 192.0.2.1"));
}

TEST_F(Listener, LetsNobodyInBeforeItListensAndAfterItClosed) {
  auto listening = make();
  ASSERT_TRUE(listening.bind({"127.0.0.1", 0}, false));
  const auto port = port_of(listening.addresses()[0]);
  EXPECT_ANY_THROW(connect_to("127.0.0.1", port));
  ASSERT_TRUE(listening.listen());
  const auto let_in = connect_to("127.0.0.1", port);
  EXPECT_TRUE(run_until(context_, [&] { return accepted_.size() == 1; }));
  listening.close();
  EXPECT_ANY_THROW(connect_to("127.0.0.1", port));
  support::run_ready(context_);
  EXPECT_EQ(accepted_.size(), 1U);
}

TEST_F(Listener, LetsClientsWithoutARequestGiveWayAtItsLimit) {
  rules_.limit = 2;
  auto listening = make();
  ASSERT_TRUE(listening.bind({"127.0.0.1", 0}, false));
  ASSERT_TRUE(listening.listen());
  const auto port = port_of(listening.addresses()[0]);
  const auto one = connect_to("127.0.0.1", port);
  const auto two = connect_to("127.0.0.1", port);
  EXPECT_TRUE(run_until(context_, [&] { return accepted_.size() == 2; }));

  const half_open::entry idle(waiting_, [this] { accepted_.pop_front(); });
  const auto three = connect_to("127.0.0.1", port);
  const auto port_of_three = three.local_endpoint().port();
  EXPECT_TRUE(run_until(
      context_, [&] { return accepted_.size() == 2 && accepted_.back().address().port() == port_of_three; }));
}

TEST_F(Listener, LetsNewOnesWaitWhenAllClientsAreAtWork) {
  rules_.limit = 1;
  auto listening = make();
  ASSERT_TRUE(listening.bind({"127.0.0.1", 0}, false));
  ASSERT_TRUE(listening.listen());
  const auto port = port_of(listening.addresses()[0]);
  const auto one = connect_to("127.0.0.1", port);
  EXPECT_TRUE(run_until(context_, [&] { return accepted_.size() == 1; }));
  const auto two = connect_to("127.0.0.1", port);
  support::run_ready(context_);
  EXPECT_EQ(accepted_.size(), 1U);
  accepted_.clear();
  EXPECT_TRUE(run_until(context_, [&] { return accepted_.size() == 1; }));
}

}  // namespace
}  // namespace tunnel::proxy
