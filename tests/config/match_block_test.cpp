#include "config/match_block.hpp"

#include <gtest/gtest.h>

namespace tunnel::config {
namespace {

const match_subject subject{
    .original_host = "alias", .host = "host.example.org", .user = "root", .local_user = "me"};

TEST(MatchBlock, JudgesHostLines) {
  EXPECT_TRUE(match_host_line({"alias"}, "alias").value());
  EXPECT_TRUE(match_host_line({"x", "al*"}, "alias").value());
  EXPECT_TRUE(match_host_line({"*", "!other"}, "alias").value());
  EXPECT_FALSE(match_host_line({"*", "!al*"}, "alias").value());
  EXPECT_FALSE(match_host_line({"!al*", "*"}, "alias").value());
  EXPECT_FALSE(match_host_line({"!other"}, "alias").value()) << "negation alone matches nothing";
  EXPECT_FALSE(match_host_line({"ALIAS"}, "alias").value()) << "case counts, as in ssh";
  EXPECT_FALSE(match_host_line({"a,alias"}, "alias").value()) << "commas do not separate here";
  EXPECT_FALSE(match_host_line({}, "alias").value());
  EXPECT_FALSE(match_host_line({""}, "alias"));
}

TEST(MatchBlock, JudgesCriteria) {
  const std::vector<std::pair<std::vector<std::string>, bool>> samples = {
      {{"all"}, true},
      {{"ALL"}, true},
      {{"!all"}, false},
      {{"host", "host.example.org"}, true},
      {{"host", "HOST.*"}, true},
      {{"host", "alias"}, false},
      {{"originalhost", "alias,other"}, true},
      {{"originalhost", "host.*"}, false},
      {{"user", "root"}, true},
      {{"user", "ro*,!root"}, false},
      {{"localuser", "me"}, true},
      {{"host", "*.org", "user", "root", "localuser", "me"}, true},
      {{"host", "*.org", "user", "other"}, false},
      {{"!host", "*.com"}, true},
      {{"!host", "*.org"}, false},
      {{"!user", "other", "host", "*"}, true},
      {{"host", "*.org", "all"}, true},
      {{"host", "*.com", "all"}, false},
      {{"host=*.org"}, true},
      {{"host", "=", "*.org"}, true},
  };
  for (const auto& [criteria, expected] : samples) {
    const auto outcome = match_criteria(criteria, subject);
    ASSERT_TRUE(outcome) << criteria.front();
    EXPECT_EQ(outcome->applies, expected) << criteria.front();
    EXPECT_TRUE(outcome->unsupported.empty());
  }
}

TEST(MatchBlock, DoesNotApplyWithCriteriaThatAreNotSupported) {
  for (const std::vector<std::string>& criteria :
       std::vector<std::vector<std::string>>{{"exec", "true"},
                                             {"final"},
                                             {"canonical"},
                                             {"!final"},
                                             {"tagged", "x"},
                                             {"host", "*", "exec", "true"},
                                             {"final", "host", "*"}}) {
    const auto outcome = match_criteria(criteria, subject);
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->applies);
    EXPECT_FALSE(outcome->unsupported.empty());
  }
}

TEST(MatchBlock, RefusesMalformedCriteria) {
  for (const std::vector<std::string>& criteria :
       std::vector<std::vector<std::string>>{{},
                                             {"host"},
                                             {"host", ""},
                                             {"all", "host", "x"},
                                             {"host", "x", "user", "y", "all"},
                                             {"hosts", "x"},
                                             {"exec"}})
    EXPECT_FALSE(match_criteria(criteria, subject));
}

}  // namespace
}  // namespace tunnel::config
