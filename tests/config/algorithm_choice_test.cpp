#include "config/algorithm_choice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace tunnel::config {
namespace {

using edit = algorithm_choice::edit;
using testing::ElementsAre;
using testing::HasSubstr;

using namespace std::string_view_literals;

constexpr auto defaults =
    std::to_array({"ssh-ed25519"sv, "ecdsa-sha2-nistp256"sv, "rsa-sha2-512"sv, "rsa-sha2-256"sv});
constexpr auto further = std::to_array({"ssh-rsa"sv, "ssh-rsa-cert-v01@openssh.com"sv});

std::vector<std::string> applied(edit how, std::vector<std::string> names) {
  return apply_choice({algorithm_kind::key, how, std::move(names)}, defaults, further).value();
}

std::string refused(std::string_view text, algorithm_kind kind) {
  const auto choice = parse_choice(text, kind);
  return choice ? "accepted" : choice.error().message;
}

TEST(AlgorithmChoice, KeepsTheNamesBehindTheirMark) {
  const auto parse = [](std::string_view text) { return parse_choice(text, algorithm_kind::cipher).value(); };
  EXPECT_EQ(parse("aes128-ctr,aes128-cbc"),
            (algorithm_choice{algorithm_kind::cipher, edit::replace, {"aes128-ctr", "aes128-cbc"}}));
  EXPECT_EQ(parse("+aes128-cbc"), (algorithm_choice{algorithm_kind::cipher, edit::append, {"aes128-cbc"}}));
  EXPECT_EQ(parse("-*-cbc,!bananas"),
            (algorithm_choice{algorithm_kind::cipher, edit::remove, {"*-cbc", "!bananas"}}));
  EXPECT_EQ(parse("^aes256-ctr"), (algorithm_choice{algorithm_kind::cipher, edit::prefer, {"aes256-ctr"}}));
  EXPECT_EQ(parse(",aes256-ctr,,aes256-ctr,"),
            (algorithm_choice{algorithm_kind::cipher, edit::replace, {"aes256-ctr"}}));
  EXPECT_EQ(parse("-"), (algorithm_choice{algorithm_kind::cipher, edit::remove, {}}));
}

TEST(AlgorithmChoice, TakesNamesOfOldAndNewVersionsOfSsh) {
  EXPECT_TRUE(parse_choice("mlkem768x25519-sha256,sntrup761x25519-sha512@openssh.com", algorithm_kind::kex));
  EXPECT_TRUE(parse_choice("ssh-dss,ssh-mldsa44-ed25519@openssh.com", algorithm_kind::key));
  EXPECT_TRUE(parse_choice("hmac-md5-96-etm@openssh.com", algorithm_kind::mac));
}

TEST(AlgorithmChoice, RefusesWhatNoSshKnows) {
  EXPECT_EQ(refused("aes128-ctr,aes512-ctr", algorithm_kind::cipher),
            "\"aes512-ctr\" is no cipher that ssh knows; did you mean \"aes128-ctr\"?");
  EXPECT_THAT(refused("+bananas", algorithm_kind::mac), HasSubstr("\"bananas\" is no MAC"));
  EXPECT_THAT(refused("^aes128-ctr", algorithm_kind::kex), HasSubstr("no key exchange"));
  EXPECT_THAT(refused("+-aes128-ctr", algorithm_kind::cipher), HasSubstr("\"-aes128-ctr\""));
  EXPECT_THAT(refused("aes\x1b[31m", algorithm_kind::cipher), testing::Not(HasSubstr("\x1b")));
  for (const std::string_view empty : {"", "+", "^", ",", "+,,"})
    EXPECT_EQ(refused(empty, algorithm_kind::cipher), "it names no cipher") << empty;
}

TEST(AlgorithmChoice, TakesPatternsForKeysOnly) {
  EXPECT_TRUE(parse_choice("ssh-*,ecdsa-sha2-nistp?56", algorithm_kind::key));
  EXPECT_THAT(refused("aes*", algorithm_kind::cipher), HasSubstr("no cipher"));
  EXPECT_THAT(refused("ssh-foo*", algorithm_kind::key), HasSubstr("no key algorithm"));
  EXPECT_THAT(refused("!ssh-rsa", algorithm_kind::key), HasSubstr("begins with -"));
  EXPECT_THAT(refused("*-cert-*", algorithm_kind::ca_signature), HasSubstr("no signature algorithm"));
}

TEST(AlgorithmChoice, BoundsTheNumberOfNames) {
  std::string list = "-";
  for (int number = 0; number < 100; ++number) list += "x" + std::to_string(number) + ",";
  EXPECT_TRUE(parse_choice(list, algorithm_kind::cipher));
  EXPECT_THAT(refused(list + "one-more", algorithm_kind::cipher), HasSubstr("more than 100"));
}

TEST(AlgorithmChoice, ReplacesTheDefaultList) {
  EXPECT_THAT(applied(edit::replace, {"rsa-sha2-256", "ssh-rsa", "ssh-ed25519"}),
              ElementsAre("rsa-sha2-256", "ssh-rsa", "ssh-ed25519"));
  EXPECT_THAT(applied(edit::replace, {"unheard-of", "ssh-ed25519"}), ElementsAre("ssh-ed25519"));
  EXPECT_THAT(
      applied(edit::replace, {"rsa-*", "ssh-*"}),
      ElementsAre("rsa-sha2-256", "rsa-sha2-512", "ssh-ed25519", "ssh-rsa", "ssh-rsa-cert-v01@openssh.com"));
}

TEST(AlgorithmChoice, AppendsToTheDefaultList) {
  EXPECT_THAT(applied(edit::append, {"ssh-rsa-cert-v01@openssh.com", "ecdsa-sha2-nistp256", "unheard-of"}),
              ElementsAre("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256",
                          "ssh-rsa-cert-v01@openssh.com"));
}

TEST(AlgorithmChoice, RemovesFromTheDefaultList) {
  EXPECT_THAT(applied(edit::remove, {"rsa*", "ssh-ed25519"}), ElementsAre("ecdsa-sha2-nistp256"));
  EXPECT_THAT(applied(edit::remove, {"*", "!rsa-sha2-512"}), ElementsAre("rsa-sha2-512"));
  EXPECT_THAT(applied(edit::remove, {}),
              ElementsAre("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256"));
}

TEST(AlgorithmChoice, PutsNamesAheadOfTheDefaultList) {
  EXPECT_THAT(applied(edit::prefer, {"rsa-sha2-256", "ssh-rsa"}),
              ElementsAre("rsa-sha2-256", "ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512"));
}

TEST(AlgorithmChoice, RefusesToLeaveNothing) {
  const auto replaced = apply_choice({algorithm_kind::cipher, edit::replace, {"a", "b"}}, defaults);
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().message, "\"a,b\" has nothing that is implemented here");
  const auto removed = apply_choice({algorithm_kind::cipher, edit::remove, {"*"}}, defaults);
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().message, "nothing is left when \"*\" is removed");
}

}  // namespace
}  // namespace tunnel::config
