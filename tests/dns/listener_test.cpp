#include "dns/listener.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/errors.hpp"
#include "dns/message.hpp"
#include "dns/message_splitter.hpp"
#include "message_builder.hpp"
#include "support/event_loop.hpp"
#include "support/far_end.hpp"

namespace tunnel::dns {
namespace {

using namespace testing_support;
using asio::ip::udp;
using testing::HasSubstr;

/// Answers at once, each query with as many addresses as the test says; nothing for "none.test".
class ready_exchanger final : public exchanger {
 public:
  explicit ready_exchanger(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  asio::any_io_executor get_executor() override { return executor_; }

  awaitable<result<octets>> exchange(octets query) override {
    const auto asked = read_question(query);
    if (asked->name == wire_name("none.test")) co_return error{errc::no_answer, "nobody"};
    response full{.id = identification(query), .name = "a.test"};
    for (std::size_t i = 0; i < addresses; ++i)
      full.answers.push_back(a_record("a.test", 60, {192, 0, 2, 1}));
    co_return build(full);
  }

  std::size_t addresses = 1;

 private:
  asio::any_io_executor executor_;
};

class DnsListener : public testing::Test {
 protected:
  void start() {
    ASSERT_TRUE(listener_->bind("127.0.0.1", 0, false));
    listener_->start();
    const auto text = listener_->addresses().front();
    port_ = static_cast<std::uint16_t>(std::stoul(text.substr(text.rfind(':') + 1)));
  }

  octets ask_by_udp(const octets& query) {
    udp::socket socket(context_, udp::endpoint(asio::ip::address_v4::loopback(), 0));
    socket.non_blocking(true);
    socket.send_to(asio::buffer(query), udp::endpoint(asio::ip::address_v4::loopback(), port_));
    octets answer(max_message);
    std::size_t count = 0;
    EXPECT_TRUE(support::run_until(context_, [&] {
      boost::system::error_code failure;
      count = socket.receive(asio::buffer(answer), 0, failure);
      return !failure;
    }));
    answer.resize(count);
    return answer;
  }

  support::far_end connect() {
    tcp::socket socket(context_);
    socket.connect({asio::ip::address_v4::loopback(), port_});
    return support::far_end(std::move(socket));
  }

  ~DnsListener() override {
    listener_->close();
    support::run_ready(context_);
  }

  asio::io_context context_;
  std::shared_ptr<ready_exchanger> servers_ = std::make_shared<ready_exchanger>(context_.get_executor());
  std::shared_ptr<listener> listener_ = std::make_shared<listener>(servers_);
  std::uint16_t port_ = 0;
};

TEST_F(DnsListener, AnswersByUdp) {
  start();
  EXPECT_EQ(ask_by_udp(plain_query(7, "a.test")),
            build({.id = 7, .name = "a.test", .answers = {a_record("a.test", 60, {192, 0, 2, 1})}}));
}

TEST_F(DnsListener, CutsWhatIsTooLongForTheClient) {
  start();
  servers_->addresses = 30;
  const auto cut = ask_by_udp(plain_query(7, "a.test"));
  EXPECT_EQ(cut, build({.id = 7, .name = "a.test", .flags = 0x8380}));
  // One that takes more gets all of it.
  EXPECT_GT(ask_by_udp(*make_query({"a.test", record_type::a})).size(), 512U);
}

TEST_F(DnsListener, AnswersByTcpWithoutALimitAndInOneStream) {
  start();
  servers_->addresses = 100;
  auto client = connect();
  octets stream;
  append_framed(stream, plain_query(7, "a.test"));
  append_framed(stream, plain_query(8, "a.test"));
  client.send(as_text(stream));
  client.shutdown();
  ASSERT_TRUE(support::run_until(context_, [&] { return client.saw_fin(); }));
  message_splitter splitter;
  std::vector<octets> answers;
  splitter.feed(as_octets(client.received()), answers);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(identification(answers[0]) + identification(answers[1]), 15);
  EXPECT_GT(answers[0].size(), 1500U);
}

TEST_F(DnsListener, AnswersServfailWhenNothingCanBeHad) {
  start();
  EXPECT_EQ(ask_by_udp(plain_query(7, "none.test")), build({.id = 7, .rcode = 2, .name = "none.test"}));
}

TEST_F(DnsListener, RefusesWhatIsNoPlainQuery) {
  start();
  auto update = plain_query(7, "a.test");
  update[2] |= 5 << 3;
  EXPECT_EQ(rcode(ask_by_udp(update)), 4U);
  EXPECT_EQ(rcode(ask_by_udp(plain_query(7, "a.test", 252))), 5U);
  octets cut = plain_query(7, "a.test");
  cut.resize(20);
  EXPECT_EQ(rcode(ask_by_udp(cut)), 1U);
}

TEST_F(DnsListener, StaysOnLoopbackUnlessItMayLeaveIt) {
  const auto bound = listener_->bind("0.0.0.0", 0, false);
  ASSERT_FALSE(bound);
  EXPECT_THAT(bound.error().message, HasSubstr("-g"));
  EXPECT_TRUE(listener_->bind("0.0.0.0", 0, true));
  EXPECT_FALSE(listener_->bind("no-address", 0, true));
}

TEST_F(DnsListener, SaysThatAPortIsTaken) {
  start();
  const auto again = std::make_shared<listener>(servers_)->bind("127.0.0.1", port_, false);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("127.0.0.1:" + std::to_string(port_)));
}

}  // namespace
}  // namespace tunnel::dns
