#include "ssh/liveness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ssh/errors.hpp"
#include "support/event_loop.hpp"
#include "support/fake_connection.hpp"

namespace tunnel::ssh {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class Liveness : public testing::Test {
 protected:
  ~Liveness() override { watcher_.reset(); }

  void watch(milliseconds interval, unsigned count_max, urgent_patience patience = {}) {
    watcher_ = std::make_shared<liveness>(connection_, interval, count_max, patience);
    watcher_->start();
  }

  bool until(const std::function<bool()>& reached) { return support::run_until(context_, reached); }

  asio::io_context context_;
  std::shared_ptr<support::connection_tally> tally_ = std::make_shared<support::connection_tally>();
  std::shared_ptr<support::fake_connection> connection_ =
      std::make_shared<support::fake_connection>(context_.get_executor(), 1, tally_);
  std::shared_ptr<liveness> watcher_;
};

TEST_F(Liveness, FailsTheConnectionAfterSoManyUnansweredProbes) {
  connection_->answer_probes(false);
  const auto begin = std::chrono::steady_clock::now();
  watch(milliseconds(5), 3);
  ASSERT_TRUE(until([&] { return connection_->ended().has_value(); }));
  EXPECT_EQ(tally_->probes, 3U);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(20))
      << "one interval before each and one after";
  EXPECT_EQ(connection_->ended()->code, errc::connection_lost);
  EXPECT_THAT(connection_->ended()->message, HasSubstr("did not answer 3 keepalives"));
}

TEST_F(Liveness, ProbesOnAndOnWhileTheServerAnswers) {
  watch(milliseconds(1), 1);
  EXPECT_TRUE(until([&] { return tally_->probes >= 10; }));
  EXPECT_FALSE(connection_->ended());
}

TEST_F(Liveness, CountsUnansweredProbesInARowOnly) {
  connection_->answer_probes(false);
  watch(milliseconds(2), 2);
  for (unsigned round = 1; round <= 5; ++round) {
    // Late answers are answers.
    EXPECT_TRUE(until([&] { return tally_->probes >= round; }));
    connection_->hear();
  }
  EXPECT_FALSE(connection_->ended());
  EXPECT_TRUE(until([&] { return connection_->ended().has_value(); }));
}

TEST_F(Liveness, AsksNothingWhileTheServerIsHeardOfAnyway) {
  watch(milliseconds(100), 3);
  const auto end = std::chrono::steady_clock::now() + milliseconds(300);
  const auto over = [&] {
    connection_->hear();
    return std::chrono::steady_clock::now() >= end;
  };
  EXPECT_TRUE(until(over));
  EXPECT_EQ(tally_->probes, 0U);
}

TEST_F(Liveness, AsksNothingByItselfWithoutAnInterval) {
  watch(milliseconds(0), 3);
  context_.run();
  EXPECT_EQ(tally_->probes, 0U);
}

TEST_F(Liveness, GivesASilentServerLessTimeWhenToldToAsk) {
  connection_->answer_probes(false);
  // The ordinary interval does not matter now.
  watch(std::chrono::hours(1), 3, {.answer = milliseconds(20), .address = milliseconds(5)});
  watcher_->check_now();
  ASSERT_TRUE(until([&] { return connection_->ended().has_value(); }));
  EXPECT_THAT(connection_->ended()->message, HasSubstr("no longer answers"));
}

TEST_F(Liveness, GivesTheServerAllItsTimeAnewWhenToldToAskAgain) {
  connection_->answer_probes(false);
  watch(std::chrono::hours(1), 3, {.answer = milliseconds(300), .address = milliseconds(100)});
  const auto begin = std::chrono::steady_clock::now();
  watcher_->check_now();
  EXPECT_TRUE(until([&] { return std::chrono::steady_clock::now() - begin >= milliseconds(150); }));
  const auto again = std::chrono::steady_clock::now();
  watcher_->check_now();
  EXPECT_EQ(tally_->probes, 2U);
  ASSERT_TRUE(until([&] { return connection_->ended().has_value(); }));
  EXPECT_GE(std::chrono::steady_clock::now() - again, milliseconds(300));
}

TEST_F(Liveness, WaitsNoLongerForAServerWhoseAnswersNothingHereWouldGet) {
  connection_->answer_probes(false);
  connection_->say_local_end(aio::local_end::without_address);
  watch(std::chrono::hours(1), 3, {.answer = std::chrono::hours(1), .address = milliseconds(5)});
  watcher_->check_now();
  ASSERT_TRUE(until([&] { return connection_->ended().has_value(); }));
  EXPECT_THAT(connection_->ended()->message, HasSubstr("this machine no longer has the address"));
}

TEST_F(Liveness, WaitsForAnAddressThatComesBack) {
  connection_->answer_probes(false);
  connection_->say_local_end(aio::local_end::without_address);
  watch(std::chrono::hours(1), 3, {.answer = milliseconds(200), .address = milliseconds(100)});
  watcher_->check_now();
  connection_->say_local_end(aio::local_end::in_place);
  ASSERT_TRUE(until([&] { return connection_->ended().has_value(); }));
  EXPECT_THAT(connection_->ended()->message, HasSubstr("no longer answers"));
}

TEST_F(Liveness, PassesNoVerdictWhileThereIsNoWayToTheServer) {
  connection_->answer_probes(false);
  connection_->say_local_end(aio::local_end::without_route);
  watch(milliseconds(0), 3, {.answer = milliseconds(20), .address = milliseconds(5)});
  watcher_->check_now();
  context_.run();
  EXPECT_FALSE(connection_->ended());
}

TEST_F(Liveness, GoesOnCountingKeepalivesWhileItIsToldToAskAgainAndAgain) {
  connection_->answer_probes(false);
  watch(milliseconds(20), 2);
  const auto over = [&] {
    watcher_->check_now();
    return connection_->ended().has_value();
  };
  ASSERT_TRUE(until(over));
  EXPECT_THAT(connection_->ended()->message, HasSubstr("did not answer 2 keepalives"));
}

TEST_F(Liveness, AsksAtOnceWhenToldToAndGoesOnAsBeforeOnceAnswered) {
  watch(milliseconds(2), 3);
  watcher_->check_now();
  EXPECT_EQ(tally_->probes, 1U);
  EXPECT_TRUE(until([&] { return tally_->probes >= 5; }));
  EXPECT_FALSE(connection_->ended());
}

TEST_F(Liveness, StopsWhenItGoes) {
  watch(milliseconds(1), 3);
  watcher_.reset();
  context_.run();
  EXPECT_EQ(tally_->probes, 0U);
}

}  // namespace
}  // namespace tunnel::ssh
