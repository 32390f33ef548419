#include "aio/connect_race.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aio/rethrow.hpp"
#include "support/event_loop.hpp"

namespace tunnel::aio {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

tcp::endpoint at(const std::string& address, std::uint16_t port = 22) {
  return {asio::ip::make_address(address), port};
}

TEST(FamiliesInTurn, BeginWithThatOfTheFirst) {
  EXPECT_THAT(families_in_turn({at("192.0.2.1"), at("192.0.2.2"), at("2001:db8::1"), at("192.0.2.3")}),
              ElementsAre(at("192.0.2.1"), at("2001:db8::1"), at("192.0.2.2"), at("192.0.2.3")));
  EXPECT_THAT(families_in_turn({at("2001:db8::1"), at("2001:db8::2"), at("192.0.2.1")}),
              ElementsAre(at("2001:db8::1"), at("192.0.2.1"), at("2001:db8::2")));
  EXPECT_THAT(families_in_turn({}), testing::IsEmpty());
}

class ConnectRace : public testing::Test {
 protected:
  // Takes connections, if only into its queue.
  tcp::endpoint good() { return acceptor_.local_endpoint(); }

  // Nobody listens there.
  tcp::endpoint refusing() {
    const tcp::acceptor gone(context_, at("127.0.0.1", 0));
    return gone.local_endpoint();
  }

  // Never answers: its queue is full.
  tcp::endpoint silent() {
    full_.open(tcp::v4());
    full_.bind(at("127.0.0.1", 0));
    full_.listen(0);
    first_in_queue_.connect(full_.local_endpoint());
    return full_.local_endpoint();
  }

  result<tcp::socket> race(std::vector<tcp::endpoint> addresses, std::chrono::milliseconds timeout = 5s) {
    dial_target target{.host = "server.test", .port = 22, .timeout = timeout};
    support::started racing(context_, connect_race(std::move(addresses), std::move(target)));
    return std::move(racing.wait());
  }

  asio::io_context context_;
  tcp::acceptor acceptor_{context_, at("127.0.0.1", 0)};
  tcp::acceptor full_{context_};
  tcp::socket first_in_queue_{context_};
};

TEST_F(ConnectRace, TakesTheFirstThatAnswers) {
  const auto won = race({refusing(), good()});
  ASSERT_TRUE(won) << won.error().message;
  EXPECT_EQ(won->remote_endpoint(), good());
}

TEST_F(ConnectRace, DoesNotWaitForOneThatIsSilent) {
  const auto begin = std::chrono::steady_clock::now();
  const auto won = race({silent(), good()}, 30s);
  const auto took = std::chrono::steady_clock::now() - begin;
  ASSERT_TRUE(won) << won.error().message;
  EXPECT_EQ(won->remote_endpoint(), good());
  EXPECT_GE(took, attempt_delay);
  EXPECT_LT(took, 15s) << "the silent one's limit is twice that";
}

TEST_F(ConnectRace, BeginsTheNextAtOnceWhenOneHasFailed) {
  std::vector<tcp::endpoint> addresses(60, refusing());
  addresses.push_back(good());
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(race(addresses));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 60 * attempt_delay);
}

TEST_F(ConnectRace, NamesTheLastThatFailed) {
  const auto lost = race({silent(), refusing()}, 500ms);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, asio::error::timed_out);
  EXPECT_THAT(lost.error().message, HasSubstr("connect to host server.test [127.0.0.1] port 22"));
}

TEST_F(ConnectRace, LeavesNothingBehindWhenItIsCancelled) {
  asio::cancellation_signal cancel;
  bool over = false;
  auto racing = [&]() -> awaitable<void> {
    dial_target target{.host = "server.test", .port = 22, .timeout = 30s};
    auto race = connect_race({silent()}, std::move(target));
    const auto lost = co_await std::move(race);
    over = !lost;
  };
  asio::co_spawn(context_, racing, asio::bind_cancellation_slot(cancel.slot(), rethrow));
  asio::post(context_, [&] { cancel.emit(asio::cancellation_type::terminal); });
  // Until nothing is left to wait for.
  context_.run_for(10s);
  EXPECT_TRUE(over);
  EXPECT_TRUE(context_.stopped());
}

}  // namespace
}  // namespace tunnel::aio
