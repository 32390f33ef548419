#include "dns/upstream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aio/worker.hpp"
#include "dns/errors.hpp"
#include "name_servers.hpp"

namespace tunnel::dns {
namespace {

using namespace testing_support;
using support::started;
using testing::HasSubstr;

class Upstream : public name_servers {
 protected:
  Upstream() { make({{"192.0.2.53", 53}}); }
  ~Upstream() override {
    upstream_->close();
    pool_->close();
    upstream_.reset();
  }

  void make(std::vector<ssh::endpoint> servers) {
    upstream_ = std::make_shared<upstream>(context_.get_executor(), *pool_, std::move(servers),
                                           [this] { return next_id_++; });
  }

  started<result<octets>> ask(const std::string& name) {
    return {context_, upstream_->exchange(plain_query(7, name))};
  }

  std::shared_ptr<upstream> upstream_;
};

TEST_F(Upstream, BringsTheAnswerWithTheQuerysIdentification) {
  auto asking = ask("a.test");
  ASSERT_TRUE(comes(0, 1));
  EXPECT_EQ(identification(queries(0)[0]), 1000);
  answer(0, 0, "a.test");
  ASSERT_TRUE(asking.wait());
  EXPECT_EQ(*asking.wait(), build({.id = 7, .name = "a.test"}));
  on_server([&] { EXPECT_EQ(asked_for_, std::vector<std::string>{"192.0.2.53:53"}); });
}

TEST_F(Upstream, SendsManyQueriesOnOneChannelAndTakesTheAnswersAsTheyCome) {
  std::vector<started<result<octets>>> asking;
  for (int i = 0; i < 10; ++i) asking.push_back(ask("n" + std::to_string(i) + ".test"));
  ASSERT_TRUE(comes(0, 10));
  for (std::size_t i = 10; i-- > 0;) answer(0, i, "n" + std::to_string(i) + ".test");
  for (std::size_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(asking[i].wait());
    EXPECT_EQ(*asking[i].wait(), build({.id = 7, .name = "n" + std::to_string(i) + ".test"}));
  }
}

TEST_F(Upstream, TakesNoAnswerToAnotherQuestion) {
  auto asking = ask("a.test");
  ASSERT_TRUE(comes(0, 1));
  answer(0, 0, "evil.test");
  answer(0, 0, "a.test");
  ASSERT_TRUE(asking.wait());
  EXPECT_EQ(*asking.wait(), build({.id = 7, .name = "a.test"}));
}

TEST_F(Upstream, AsksTheRestAnewWhenTheServerClosesAfterSomeAnswers) {
  auto first = ask("a.test");
  auto second = ask("b.test");
  ASSERT_TRUE(comes(0, 2));
  answer(0, 0, "a.test");
  ASSERT_TRUE(first.wait());
  on_server([&] { channels_[0]->end(); });
  ASSERT_TRUE(comes(1, 1));
  answer(1, 0, "b.test");
  EXPECT_TRUE(second.wait());
}

TEST_F(Upstream, OpensAnewAfterTheServerClosedAnIdleChannel) {
  auto first = ask("a.test");
  ASSERT_TRUE(comes(0, 1));
  answer(0, 0, "a.test");
  ASSERT_TRUE(first.wait());
  on_server([&] { channels_[0]->close(); });
  auto second = ask("b.test");
  ASSERT_TRUE(comes(1, 1));
  answer(1, 0, "b.test");
  EXPECT_TRUE(second.wait());
}

TEST_F(Upstream, GoesAroundASilentChannel) {
  auto slow = ask("slow.test");
  ASSERT_TRUE(comes(0, 1));
  // What has no answer goes by another channel too, and so does what is asked meanwhile.
  ASSERT_TRUE(comes(1, 1));
  answer(1, 0, "slow.test");
  EXPECT_TRUE(slow.wait());
}

TEST_F(Upstream, AsksTheNextServerAfterOneThatFails) {
  make({{"192.0.2.1", 53}, {"192.0.2.2", 53}});
  auto asking = ask("a.test");
  ASSERT_TRUE(comes(0, 1));
  answer(0, 0, "a.test", 2);
  ASSERT_TRUE(comes(1, 1));
  answer(1, 0, "a.test");
  ASSERT_TRUE(asking.wait());
  EXPECT_EQ(rcode(*asking.wait()), 0U);
  on_server([&] { EXPECT_EQ(asked_for_, (std::vector<std::string>{"192.0.2.1:53", "192.0.2.2:53"})); });
  // The one that answered is asked first from then on.
  auto again = ask("b.test");
  ASSERT_TRUE(comes(1, 2));
  answer(1, 1, "b.test");
  EXPECT_TRUE(again.wait());
}

TEST_F(Upstream, SaysWhatTheLastServerSaidWhenNoneKnows) {
  auto asking = ask("a.test");
  ASSERT_TRUE(comes(0, 1));
  answer(0, 0, "a.test", 2);
  ASSERT_TRUE(asking.wait());
  EXPECT_EQ(rcode(*asking.wait()), 2U);
}

TEST_F(Upstream, SaysWhyAServerCannotBeReached) {
  refused_ = "192.0.2.53:53";
  auto asking = ask("a.test");
  ASSERT_FALSE(asking.wait());
  EXPECT_EQ(asking.wait().error().code, errc::no_answer);
  EXPECT_THAT(asking.wait().error().message, HasSubstr("192.0.2.53:53"));
  EXPECT_THAT(asking.wait().error().message, HasSubstr("Connection refused"));
}

TEST_F(Upstream, RefusesWhatIsNoQuery) {
  started asking(context_, upstream_->exchange({1, 2, 3}));
  EXPECT_EQ(asking.wait().error().code, errc::bad_query);
}

TEST_F(Upstream, LetsGoOfItsLeaseWhenItIsClosed) {
  auto asking = ask("a.test");
  ASSERT_TRUE(comes(0, 1));
  answer(0, 0, "a.test");
  ASSERT_TRUE(asking.wait());
  EXPECT_EQ(pool_->flows(), 1U);
  upstream_->close();
  EXPECT_TRUE(support::run_until(context_, [&] { return pool_->flows() == 0; }));
  on_server([&] { EXPECT_TRUE(channels_[0]->destroyed()); });
  EXPECT_FALSE(ask("b.test").wait());
}

TEST_F(Upstream, AnswersOtherThreadsToo) {
  aio::worker other("other");
  std::optional<result<octets>> outcome;
  auto body = [&]() -> awaitable<void> {
    auto asking = exchange_from_elsewhere(upstream_, plain_query(7, "a.test"));
    outcome = co_await std::move(asking);
  };
  std::atomic<bool> over = false;
  asio::co_spawn(other.get_executor(), body, [&](std::exception_ptr) { over = true; });
  ASSERT_TRUE(comes(0, 1));
  answer(0, 0, "a.test");
  ASSERT_TRUE(support::run_until(context_, [&] { return over.load(); }));
  other.join();
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ(**outcome, build({.id = 7, .name = "a.test"}));
}

}  // namespace
}  // namespace tunnel::dns
