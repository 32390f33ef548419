#include "proxy/client.hpp"

#include <gtest/gtest.h>

#include "support/event_loop.hpp"
#include "support/far_end.hpp"

namespace tunnel::proxy {
namespace {

using support::connect_pair;
using support::far_end;
using support::run_ready;
using support::run_until;

client::counter no_clients() {
  return std::make_shared<std::atomic<std::size_t>>(0);
}

TEST(Client, IsCountedFromAcceptanceToItsEnd) {
  asio::io_context context;
  const auto count = no_clients();
  {
    client one(connect_pair(context).accepted, count);
    EXPECT_EQ(*count, 1U);
    client same(std::move(one));
    EXPECT_EQ(*count, 1U);
    asio::io_context other;
    {
      const client moved = std::move(same).moved_to(other.get_executor());
      EXPECT_TRUE(moved.address().address().is_loopback());
    }
  }
  EXPECT_EQ(*count, 0U);
}

TEST(Client, KeepsItsConnectionOnAnotherExecutor) {
  asio::io_context context;
  auto pair = connect_pair(context);
  far_end program(std::move(pair.connected));
  client one(std::move(pair.accepted), no_clients());
  asio::io_context other;
  client moved = std::move(one).moved_to(other.get_executor());
  EXPECT_EQ(moved.name(), "127.0.0.1:" + std::to_string(program.address().port()));
  moved.socket().write_some(asio::buffer("ok", 2));
  EXPECT_TRUE(run_until(other, [&] { return program.received() == "ok"; }));
}

class ClientLeft : public testing::Test {
 protected:
  support::started<bool> watch(bool has_sent) {
    return {context_, support::ended(client_left(client_.socket(), has_sent))};
  }

  // Whether it completes by itself: an event that comes later shows that earlier ones were seen.
  bool stays(const support::started<bool>& watched) {
    run_ready(context_);
    bool readable = false;
    auto [accepted, connected] = connect_pair(context_);
    accepted.async_wait(tcp::socket::wait_read, [&](boost::system::error_code) { readable = true; });
    connected.write_some(asio::buffer("x", 1));
    return run_until(context_, [&] { return readable; }) && !watched.done();
  }

  asio::io_context context_;
  support::loopback_pair pair_ = connect_pair(context_);
  far_end program_{std::move(pair_.connected)};
  client client_{std::move(pair_.accepted), no_clients()};
};

TEST_F(ClientLeft, NoticesAFinWithoutAWord) {
  auto watched = watch(false);
  EXPECT_TRUE(stays(watched));
  program_.shutdown();
  EXPECT_TRUE(watched.wait());
}

TEST_F(ClientLeft, NoticesAReset) {
  auto watched = watch(false);
  program_.reset();
  EXPECT_TRUE(watched.wait());
}

TEST_F(ClientLeft, DoesNotTakeAFinAfterDataForLeaving) {
  auto watched = watch(false);
  program_.send("for the target");
  EXPECT_TRUE(stays(watched));
  program_.shutdown();
  EXPECT_TRUE(stays(watched));
  program_.reset();
  EXPECT_TRUE(watched.wait());
}

TEST_F(ClientLeft, DoesNotTakeAFinAfterEarlyDataForLeaving) {
  auto watched = watch(true);
  program_.shutdown();
  EXPECT_TRUE(stays(watched));
  program_.reset();
  EXPECT_TRUE(watched.wait());
}

TEST_F(ClientLeft, LeavesWhatTheClientSentUnread) {
  auto watched = watch(false);
  program_.send("for the target");
  EXPECT_TRUE(stays(watched));
  watched.cancel();
  EXPECT_TRUE(watched.wait());
  EXPECT_EQ(client_.socket().available(), 14U);
}

TEST(SendAndClose, DeliversTheAnswerToAClientThatSentMore) {
  asio::io_context context;
  auto pair = connect_pair(context);
  far_end program(std::move(pair.connected));
  client answered(std::move(pair.accepted), no_clients());
  program.send(std::string(8000, 'x'));
  support::started closing(context, support::ended(send_and_close(answered.socket(), {'n', 'o'})));
  EXPECT_TRUE(run_until(context, [&] { return program.saw_fin() || program.saw_reset(); }));
  EXPECT_EQ(program.received(), "no");
  EXPECT_TRUE(program.saw_fin());
  program.send("and more");
  program.close();
  EXPECT_TRUE(closing.wait());
  EXPECT_FALSE(answered.socket().is_open());
}

TEST(SendAndClose, DoesNotWaitForAClientThatStays) {
  asio::io_context context;
  auto pair = connect_pair(context);
  far_end program(std::move(pair.connected));
  client answered(std::move(pair.accepted), no_clients());
  support::started closing(context, support::ended(send_and_close(answered.socket(), {'n', 'o'})));
  EXPECT_TRUE(closing.wait()) << "within the time for which it takes what still comes";
  EXPECT_FALSE(answered.socket().is_open());
}

TEST(SendAndClose, DoesNotTakeInEndlessly) {
  asio::io_context context;
  auto pair = connect_pair(context);
  far_end program(std::move(pair.connected));
  client answered(std::move(pair.accepted), no_clients());
  support::started closing(context, support::ended(send_and_close(answered.socket(), {'n', 'o'})));
  const std::string flood(16 * 1024, 'x');
  const auto closed = [&] {
    program.send(flood);
    return closing.done();
  };
  EXPECT_TRUE(run_until(context, closed));
}

}  // namespace
}  // namespace tunnel::proxy
