#include "config/match_block.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/errors.hpp"

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
  const std::vector<std::pair<std::string, bool>> samples = {
      {"all", true},
      {"ALL", true},
      {"!all", false},
      {"host host.example.org", true},
      {"host HOST.*", true},
      {"host alias", false},
      {"originalhost alias,other", true},
      {"originalhost host.*", false},
      {"user root", true},
      {"user ro*,!root", false},
      {"localuser me", true},
      {"host *.org user root localuser me", true},
      {"host *.org user other", false},
      {"!host *.com", true},
      {"!host *.org", false},
      {"!user other host *", true},
      {"host *.org all", true},
      {"host *.com all", false},
      {"host=*.org", true},
      {"host = *.org", true},
      {"host= *.org", true},
      {"host \"*.org\"user \"root\"", true},
      {"ho\"st\" *.o\"rg\"", true},
      {"user r\\oot", false},
      {"user 'root'", false},
      {"host *.org # user other", true},
      {"all # user other", true},
  };
  for (const auto& [criteria, expected] : samples) {
    const auto outcome = match_criteria(criteria, subject);
    ASSERT_TRUE(outcome) << criteria;
    EXPECT_EQ(outcome->applies, expected) << criteria;
    EXPECT_TRUE(outcome->unsupported.empty());
  }
}

TEST(MatchBlock, DoesNotApplyWithCriteriaThatAreNotSupported) {
  for (const char* criteria : {"localnetwork 10.0.0.0/8", "host * version *", "!command x host *"}) {
    const auto outcome = match_criteria(criteria, subject);
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->applies);
    EXPECT_FALSE(outcome->unsupported.empty());
  }
}

TEST(MatchBlock, FinalAndCanonicalHoldInTheSecondReadingAlone) {
  match_subject second = subject;
  second.final_pass = true;
  for (const std::string name : {"final", "canonical"}) {
    EXPECT_FALSE(match_criteria(name, subject)->applies);
    EXPECT_TRUE(match_criteria(name, second)->applies);
    EXPECT_TRUE(match_criteria("!" + name, subject)->applies);
    EXPECT_FALSE(match_criteria("!" + name, second)->applies);
    EXPECT_TRUE(match_criteria(name + " all", second)->applies);
    EXPECT_FALSE(match_criteria("host other " + name, second)->applies);
  }
}

TEST(MatchBlock, FinalAsksForASecondReading) {
  EXPECT_TRUE(match_criteria("final", subject)->wants_final_pass);
  EXPECT_TRUE(match_criteria("host other !final", subject)->wants_final_pass);
  EXPECT_FALSE(match_criteria("canonical", subject)->wants_final_pass);
}

TEST(MatchBlock, TaggedLooksAtTheTag) {
  match_subject tagged = subject;
  tagged.tag = "work";
  EXPECT_TRUE(match_criteria("tagged home,wor?", tagged)->applies);
  EXPECT_FALSE(match_criteria("tagged home", tagged)->applies);
  EXPECT_FALSE(match_criteria("tagged *", subject)->applies) << "no tag matches no pattern";
  EXPECT_TRUE(match_criteria("tagged \"\" user root", subject)->applies);
  EXPECT_FALSE(match_criteria("tagged \"\"", tagged)->applies);
  EXPECT_FALSE(match_criteria("tagged", subject));
}

// A subject whose commands are written down instead of run.
struct listening_subject : match_subject {
  listening_subject() : match_subject(subject) {
    tokens = {{'h', host}, {'n', original_host}, {'k', host}, {'r', user}, {'d', "/home/$me"}};
    run = [this](const std::string& command) -> result<int> {
      commands.push_back(command);
      return status;
    };
  }

  std::vector<std::string> commands;
  int status = 0;
};

TEST(MatchBlock, ExecAsksACommand) {
  listening_subject here;
  EXPECT_TRUE(match_criteria("exec \"test %h = %n\"", here)->applies);
  EXPECT_FALSE(match_criteria("!exec x", here)->applies);
  here.status = 1;
  EXPECT_FALSE(match_criteria("exec x", here)->applies);
  EXPECT_TRUE(match_criteria("!exec x", here)->applies);
  EXPECT_EQ(here.commands, (std::vector<std::string>{"test host.example.org = alias", "x", "x", "x"}));
}

TEST(MatchBlock, RunsNoCommandWhereTheBlockDoesNotApplyAnyway) {
  listening_subject here;
  EXPECT_FALSE(match_criteria("host other exec x", here)->applies);
  here.reachable = false;
  EXPECT_FALSE(match_criteria("exec x", here)->applies);
  EXPECT_TRUE(here.commands.empty());
  EXPECT_FALSE(match_criteria("host other exec %x", here)) << "its tokens are checked all the same";
}

TEST(MatchBlock, BringsNoShellWhatNoNameHas) {
  for (const char letter : {'h', 'n', 'k', 'r'}) {
    for (const std::string value : {"a;b", "$(id)", "`id`", "-x", "a'b", ""}) {
      listening_subject here;
      std::ranges::find(here.tokens, letter, &token_values::value_type::first)->second = value;
      EXPECT_FALSE(match_criteria(std::string("exec \"x %") + letter + '"', here)) << letter << ' ' << value;
      EXPECT_TRUE(here.commands.empty());
      EXPECT_TRUE(match_criteria("exec x", here)) << "it is not used";
    }
  }
}

TEST(MatchBlock, ACommandThatCannotBeRunIsAnError) {
  listening_subject here;
  here.run = [](const std::string&) -> result<int> { return failure(errc::command_failed, "it failed"); };
  EXPECT_EQ(match_criteria("exec x", here).error().message, "it failed");
}

TEST(MatchBlock, RefusesMalformedCriteria) {
  for (const char* criteria : {"", "# all", "host", "host \"\"", "host # x", "host \"x", "\"\" host x",
                               "user * \"\" host x", "all host x", "host x user y all", "hosts x", "exec"})
    EXPECT_FALSE(match_criteria(criteria, subject)) << criteria;
}

}  // namespace
}  // namespace tunnel::config
