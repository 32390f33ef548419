#include "config/pattern.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace tunnel::config {
namespace {

TEST(Pattern, MatchesWildcards) {
  for (const auto& [text, pattern] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{{"", ""},
                                                                            {"", "*"},
                                                                            {"abc", "abc"},
                                                                            {"abc", "*"},
                                                                            {"abc", "a*"},
                                                                            {"abc", "*c"},
                                                                            {"abc", "a?c"},
                                                                            {"abc", "***"},
                                                                            {"abc", "*b*"},
                                                                            {"aXbXc", "a*b*c"},
                                                                            {"aab", "*ab"},
                                                                            {"a*c", "a*c"},
                                                                            {"192.168.0.7", "192.168.0.?"},
                                                                            {"mississippi", "m*iss*pi"}})
    EXPECT_TRUE(matches(text, pattern)) << text << " ~ " << pattern;
  for (const auto& [text, pattern] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{{"", "?"},
                                                                            {"a", ""},
                                                                            {"abc", "ab"},
                                                                            {"abc", "abcd"},
                                                                            {"abc", "a?"},
                                                                            {"ABC", "abc"},
                                                                            {"abc", "b*"},
                                                                            {"192.168.0.10", "192.168.0.?"},
                                                                            {"mississippi", "m*iss*pa"}})
    EXPECT_FALSE(matches(text, pattern)) << text << " ~ " << pattern;
}

TEST(Pattern, TakesNoTimeForHostileStars) {
  const std::string text(1000, 'a');
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "*a";
  pattern += "*b";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(matches(text, pattern));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST(Pattern, LetsNegationWinInLists) {
  EXPECT_EQ(match_list("a.example", "*.example,!b.example"), list_match::positive);
  EXPECT_EQ(match_list("b.example", "*.example,!b.example"), list_match::negative);
  EXPECT_EQ(match_list("b.example", "!b.example,*.example"), list_match::negative);
  EXPECT_EQ(match_list("c.other", "*.example,!b.example"), list_match::none);
  EXPECT_EQ(match_list("a", "!b"), list_match::none);
  EXPECT_EQ(match_list("a", ""), list_match::none);
  EXPECT_EQ(match_list("a", ",,a"), list_match::positive);
}

TEST(Pattern, IgnoresCaseInHostNamesOnly) {
  EXPECT_EQ(match_host_list("HOST.Example", "host.EXAMPLE"), list_match::positive);
  EXPECT_EQ(match_list("Me", "me"), list_match::none);
}

}  // namespace
}  // namespace tunnel::config
