// RFC 4253 section 9: a key re-exchange may begin at any time, and stops everything else until it is over.

#include <gtest/gtest.h>

#include "session.hpp"
#include "ssh/native/core/errors.hpp"

namespace tunnel::ssh::native {
namespace {

using support::peer;
using support::session;

constexpr auto patience = transport::exchange_patience;
constexpr std::chrono::seconds moment{1};

class IdleExchange : public testing::Test {
 protected:
  IdleExchange() { both.authenticate(); }

  // The client begins an exchange, and the server leaves it at `stage`.
  void begin_and_leave(peer::stage stage) {
    both.server.hold(stage);
    both.user.pass(std::chrono::hours(1));
    both.pump();
  }

  session both;
};

TEST_F(IdleExchange, EndsTheConnectionWhenTheServerSaysNothing) {
  begin_and_leave(peer::stage::kexinit);
  both.user.pass(patience - moment);
  both.pump();
  EXPECT_FALSE(both.user.failure());
  both.user.pass(moment);
  both.pump();
  ASSERT_TRUE(both.user.failure());
  EXPECT_EQ(both.user.failure()->code, errc::protocol_error);
  EXPECT_EQ(both.server.client_farewell()->reason, 2U);
}

TEST_F(IdleExchange, IsNotPutOffByWhatBringsItNoNearer) {
  begin_and_leave(peer::stage::kexinit);
  for (auto passed = moment; passed < patience; passed += moment) {
    both.user.pass(moment);
    both.say(support::ignore("still here"));
    ASSERT_FALSE(both.user.failure());
  }
  both.user.pass(moment);
  both.say(support::ignore("still here"));
  EXPECT_TRUE(both.user.failure());
}

TEST_F(IdleExchange, MayWaitForWhatWasOnItsWayBeforeIt) {
  const auto channel = both.open_channel();
  begin_and_leave(peer::stage::kexinit);
  for (int i = 0; i < 3; ++i) {
    both.user.pass(patience - moment);
    both.say(support::channel_data(channel, as_octets("data ")));
    ASSERT_FALSE(both.user.failure());
  }
  both.server.release();
  both.pump();
  EXPECT_EQ(both.user.link().exchanges(), 2U);
  EXPECT_EQ(as_text(both.user.delivered(channel)), "data data data ");
}

TEST_F(IdleExchange, EndsTheConnectionWithoutTheServersNewKeys) {
  begin_and_leave(peer::stage::newkeys);
  both.user.pass(patience);
  both.pump();
  EXPECT_TRUE(both.user.failure());
}

TEST_F(IdleExchange, ThatIsOverLeavesTheNextDeadlineToTheAgeOfTheKeys) {
  both.user.pass(std::chrono::hours(1));
  both.pump();
  ASSERT_EQ(both.user.link().exchanges(), 2U);
  EXPECT_EQ(both.user.link().next_deadline(), both.user.now() + std::chrono::hours(1));
}

}  // namespace
}  // namespace tunnel::ssh::native
