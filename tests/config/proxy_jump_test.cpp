#include "config/proxy_jump.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace tunnel::config {
namespace {

TEST(ProxyJump, IsHostsBetweenCommasTheNearestFirst) {
  const auto hops = parse_proxy_jump("near,you@far:2222,ssh://x@[::1]:23");
  ASSERT_TRUE(hops) << hops.error().message;
  ASSERT_EQ(hops->size(), 3U);
  EXPECT_EQ((*hops)[0], (destination{.host = "near", .user = {}, .port = {}}));
  EXPECT_EQ((*hops)[1], (destination{.host = "far", .user = "you", .port = 2222}));
  EXPECT_EQ((*hops)[2], (destination{.host = "::1", .user = "x", .port = 23}));
}

TEST(ProxyJump, DropsQuotesAndBracketsAroundAHost) {
  const auto hops = parse_proxy_jump("\"near\",\"you@far:2222\",[localhost]:41001,ssh://[mid]:23");
  ASSERT_TRUE(hops) << hops.error().message;
  ASSERT_EQ(hops->size(), 4U);
  EXPECT_EQ((*hops)[0], (destination{.host = "near", .user = {}, .port = {}}));
  EXPECT_EQ((*hops)[1], (destination{.host = "far", .user = "you", .port = 2222}));
  EXPECT_EQ((*hops)[2], (destination{.host = "localhost", .user = {}, .port = 41001}));
  EXPECT_EQ((*hops)[3], (destination{.host = "mid", .user = {}, .port = 23}));
  EXPECT_EQ(settings_from("ProxyJump \"jmp\"")->proxy_jump.at(0).host, "jmp");
  for (const char* text : {"\"", "\"\"", "\"a", "a\"", "\"\"a\"\"", "[]"})
    EXPECT_FALSE(parse_proxy_jump(text)) << text;
}

TEST(ProxyJump, TakesNoneAsNoHostWhenAlone) {
  EXPECT_TRUE(parse_proxy_jump("None").value().empty());
  EXPECT_EQ(parse_proxy_jump("a,none").value().size(), 2U);
}

TEST(ProxyJump, RefusesWhatIsNoHost) {
  for (const char* text : {"", ",", "a,", ",a", "a,,b", "::1", "a:b", "a:0", "a:65536", "-x", "u@-x", "a;b",
                           "-u@a", "$(x)@a", "ssh://a/b"})
    EXPECT_FALSE(parse_proxy_jump(text)) << text;
  std::string many = "a";
  for (int i = 0; i < 16; ++i) many += ",a";
  EXPECT_FALSE(parse_proxy_jump(many));
}

TEST(ProxyJump, HasTokensExpandedAndCheckedAgain) {
  const auto given = settings_from("User me\nPort 23\nProxyJump %r@%h.jump:2222", "host");
  ASSERT_TRUE(given) << given.error().message;
  ASSERT_EQ(given->proxy_jump.size(), 1U);
  EXPECT_EQ(given->proxy_jump[0], (destination{.host = "host.jump", .user = "me", .port = 2222}));
  EXPECT_FALSE(settings_from("ProxyJump %d.org"));
  EXPECT_FALSE(expand_proxy_jump({{.host = "%h", .user = {}, .port = {}}}, {{'h', "a;b"}}));
}

TEST(ProxyJump, AndProxyCommandKeepEachOtherOut) {
  const auto jump = settings_from("ProxyJump a\nProxyCommand nc %h %p\nProxyJump b");
  ASSERT_TRUE(jump);
  EXPECT_EQ(jump->proxy_jump.at(0).host, "a");
  EXPECT_EQ(jump->proxy_command, "");
  const auto command = settings_from("ProxyCommand nc \"%h\" %p # it\nProxyJump a");
  ASSERT_TRUE(command);
  EXPECT_TRUE(command->proxy_jump.empty());
  EXPECT_EQ(command->proxy_command, "nc \"%h\" %p # it");
  for (const std::string no_command : {"none", "NONE", "-"}) {
    const auto none = settings_from("ProxyCommand " + no_command + "\nProxyJump a\nProxyCommand b");
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->proxy_jump.empty());
    EXPECT_EQ(none->proxy_command, "") << no_command;
  }
  const auto no_jump = settings_from("ProxyJump none\nProxyJump a\nProxyCommand b");
  ASSERT_TRUE(no_jump);
  EXPECT_TRUE(no_jump->proxy_jump.empty());
  EXPECT_EQ(no_jump->proxy_command, "b");
}

}  // namespace
}  // namespace tunnel::config
