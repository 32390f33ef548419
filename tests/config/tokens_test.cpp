#include "config/tokens.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace tunnel::config {
namespace {

const token_values tokens = {{'h', "host"}, {'p', "22"}};

TEST(Tokens, ReplaceWhatIsKnown) {
  EXPECT_EQ(expand_tokens("a%h-%p%%", tokens).value(), "ahost-22%");
  EXPECT_EQ(expand_tokens("${X}$Y", tokens).value(), "${X}$Y");
  EXPECT_EQ(expand_tokens("", tokens).value(), "");
}

TEST(Tokens, RefuseWhatIsNot) {
  for (const std::string_view text : {"%", "a%", "%x", "%%%"})
    EXPECT_FALSE(expand_tokens(text, tokens)) << text;
}

TEST(Tokens, ReplaceVariablesOnce) {
  memory_files files;
  files.variables = {{"A", "%h${B}"}, {"B", "b"}};
  const environment env = files.env();
  EXPECT_EQ(expand_tokens_and_variables("x${A}%h$y", tokens, env).value(), "x%h${B}host$y");
  for (const std::string_view text : {"${", "${}", "${A", "${NOT_SET}", "%"})
    EXPECT_FALSE(expand_tokens_and_variables(text, tokens, env)) << text;
}

TEST(Tokens, ReplaceHomesAtTheBeginningOnly) {
  memory_files files;
  const environment env = files.env();
  EXPECT_EQ(expand_path("~/a", tokens, env).value(), "/home/me/a");
  EXPECT_EQ(expand_path("~", tokens, env).value(), "/home/me");
  EXPECT_EQ(expand_path("~you/a", tokens, env).value(), "/home/you/a");
  EXPECT_EQ(expand_path("a~/%h", tokens, env).value(), "a~/host");
  EXPECT_FALSE(expand_path("~nobody/a", tokens, env));
}

}  // namespace
}  // namespace tunnel::config
