#include "udp/client/ways.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_access.hpp"
#include "support/event_loop.hpp"
#include "udp/client/errors.hpp"

namespace tunnel::udp {
namespace {

using support::started;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// A server that refuses everything.
class Ways : public testing::Test {
 protected:
  Ways() { by_->refusal = error{ssh::errc::connect_failed, "refused"}; }

  result<found_way> find(std::optional<way> first = std::nullopt) {
    started finding(context_, find_way(settings_, by_, first));
    return finding.wait();
  }

  asio::io_context context_;
  std::shared_ptr<fake_access> by_ = std::make_shared<fake_access>(context_.get_executor());
  settings settings_;
};

TEST_F(Ways, EndWithDnsWhereNothingElseIsToBeHad) {
  settings_.gateway = ssh::endpoint{"gateway", 7300};
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->which, way::dns);
  EXPECT_THAT(by_->asked,
              ElementsAre("gateway:7300", StartsWith("tunnel-relay --stdio"), StartsWith("exec python3")));
}

TEST_F(Ways, BeginWithWhatWasFoundBefore) {
  EXPECT_TRUE(find(way::script));
  EXPECT_THAT(by_->asked, ElementsAre(StartsWith("exec python3"), StartsWith("tunnel-relay --stdio")));
}

TEST_F(Ways, AreAskedNothingWhenOff) {
  settings_.off = true;
  EXPECT_EQ(find().error().code, errc::no_way);
  EXPECT_TRUE(by_->asked.empty());
}

TEST_F(Ways, AreOneWhenOneIsNamed) {
  settings_.only = way::helper;
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("helper: refused"));
  EXPECT_EQ(by_->asked.size(), 1U);
}

// Or a client's idle limit would not be what it is told.
TEST_F(Ways, HaveARelayWaitLongerThanThisSide) {
  settings_.idle_limit = std::chrono::hours(1);
  EXPECT_TRUE(find());
  EXPECT_THAT(by_->asked,
              ElementsAre("tunnel-relay --stdio --timeout 3660", testing::EndsWith(" 3660.000000")));
}

TEST_F(Ways, AreNotLookedForOnALostConnection) {
  by_->refusal = error{ssh::errc::connection_lost, "gone"};
  EXPECT_EQ(find().error().code, ssh::errc::connection_lost);
  EXPECT_EQ(by_->asked.size(), 1U);
}

}  // namespace
}  // namespace tunnel::udp
