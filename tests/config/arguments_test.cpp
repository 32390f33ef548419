#include "config/arguments.hpp"

#include <gtest/gtest.h>

namespace tunnel::config {
namespace {

struct sample {
  std::string_view line;
  std::string keyword;
  std::vector<std::string> arguments;
};

TEST(ConfigLine, SplitsAsSshDoes) {
  const std::vector<sample> samples = {
      {"Port 22", "Port", {"22"}},
      {"  Port\t22  ", "Port", {"22"}},
      {"Port=22", "Port", {"22"}},
      {"Port = 22", "Port", {"22"}},
      {"Port =22", "Port", {"22"}},
      {"Port= 22", "Port", {"22"}},
      {"Port==22", "Port", {"=22"}},
      {"Port 22\r", "Port", {"22"}},
      {"Port 22\f", "Port", {"22"}},
      {"Port 22 # the usual", "Port", {"22"}},
      {"User a#b", "User", {"a#b"}},
      {"Host a  b\tc", "Host", {"a", "b", "c"}},
      {"IdentityFile \"a b\"", "IdentityFile", {"a b"}},
      {"IdentityFile='a b'", "IdentityFile", {"a b"}},
      {"IdentityFile a\\ b", "IdentityFile", {"a b"}},
      {"IdentityFile \"a\\\"b\"", "IdentityFile", {"a\"b"}},
      {"IdentityFile a\\b\\\\c", "IdentityFile", {"a\\b\\c"}},
      {"IdentityFile pre\"a b\"post", "IdentityFile", {"prea bpost"}},
      {"User \"\"", "User", {""}},
      {"\"Port\" 22", "Port", {"22"}},
      {"\"Port\"=22", "Port", {"=22"}},
      {"Po\"rt\" 22", "Port", {"22"}},
      {"Host a # b c", "Host", {"a"}},
      {"Host # nothing", "Host", {}},
      {"", "", {}},
      {"   ", "", {}},
      {"\r", "", {}},
      {"# comment", "", {}},
      {"  # comment", "", {}},
  };
  for (const sample& expected : samples) {
    const auto line = split_line(expected.line);
    ASSERT_TRUE(line) << expected.line << ": " << line.error().message;
    EXPECT_EQ(line->keyword, expected.keyword) << expected.line;
    EXPECT_EQ(line->arguments, expected.arguments) << expected.line;
  }
}

TEST(ConfigLine, RefusesOpenQuotesAndMissingValues) {
  for (const std::string_view line : {"Port", "Port ", "Port=", "Port = ", "User \"a", "User 'a",
                                      "User \"a\\\"", "\"Port 22", "= 22", "User a\"b c"})
    EXPECT_FALSE(split_line(line)) << line;
}

}  // namespace
}  // namespace tunnel::config
