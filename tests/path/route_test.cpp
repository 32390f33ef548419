#include "path/route.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "path/errors.hpp"

namespace tunnel::path {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Route : public testing::Test {
 protected:
  // A host of the configuration, reached through others.
  config::settings& host(const std::string& name, const std::vector<std::string>& through = {}) {
    auto& made = hosts_[name];
    made.host_name = name + ".example";
    made.user = "user";
    for (const auto& each : through) made.proxy_jump.push_back({.host = each, .user = {}, .port = {}});
    return made;
  }

  result<route> to(const std::string& name) {
    const settings_reader read = [this](const config::destination& wanted) -> result<config::settings> {
      const auto found = hosts_.find(wanted.host);
      if (found == hosts_.end()) return error{errc::malformed, "no such host"};
      return found->second;
    };
    return plan_route(hosts_.at(name), name, read);
  }

  std::vector<std::string> names(const std::string& name) {
    const auto found = to(name);
    EXPECT_TRUE(found) << found.error().message;
    std::vector<std::string> all;
    if (found)
      for (const auto& hop : found->hops) all.push_back(hop.name);
    return all;
  }

 private:
  std::map<std::string, config::settings> hosts_;
};

TEST_F(Route, IsStraightWithoutJumpHosts) {
  host("server");
  const auto found = to("server");
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->hops.empty());
  EXPECT_EQ(found->command, "");
}

TEST_F(Route, PassesThroughTheHostsInOrder) {
  host("one");
  host("two");
  host("server", {"one", "two"});
  EXPECT_THAT(names("server"), ElementsAre("one", "two"));
}

TEST_F(Route, ReachesTheFirstHostInItsOwnWay) {
  host("outer");
  host("one", {"outer"});
  host("two", {"elsewhere"});
  host("server", {"one", "two"});
  EXPECT_THAT(names("server"), ElementsAre("outer", "one", "two"))
      << "the second is reached through the first";
}

TEST_F(Route, BeginsWithTheFirstHostsCommand) {
  host("one").proxy_command = "nc %h %p %n";
  host("two").proxy_command = "never";
  host("server", {"one", "two"}).proxy_command = "never";
  const auto found = to("server");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->command, "nc one.example 22 one");
}

TEST_F(Route, GivesHopsTheDestinationsLimits) {
  host("one");
  host("two").connect_timeout = std::chrono::seconds(7);
  auto& server = host("server", {"one", "two"});
  server.connect_timeout = std::chrono::seconds(5);
  server.address_family = config::address_family::inet;
  const auto found = to("server");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->hops[0].settings.connect_timeout, std::chrono::seconds(5));
  EXPECT_EQ(found->hops[0].settings.address_family, config::address_family::inet);
  EXPECT_EQ(found->hops[1].settings.connect_timeout, std::chrono::seconds(7));
}

TEST_F(Route, ThatGoesRoundInCirclesIsRefused) {
  host("self", {"self"});
  host("ping", {"pong"});
  host("pong", {"ping"});
  for (const auto* name : {"self", "ping"}) {
    const auto found = to(name);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, errc::malformed);
    EXPECT_THAT(found.error().message, HasSubstr("round in circles"));
  }
}

TEST_F(Route, NamesTheHostWhoseConfigurationCannotBeRead) {
  host("server", {"missing"});
  const auto found = to("server");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message, "jump host missing: no such host");
}

}  // namespace
}  // namespace tunnel::path
