#include "ssh/host_key_policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "config/fingerprint.hpp"
#include "ssh/errors.hpp"
#include "support/scripted_prompter.hpp"
#include "support/temporary_folder.hpp"
#include "test_keys.hpp"

namespace tunnel::ssh {
namespace {

using config::host_key_checking;
using support::content_of;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const host_key key{"ssh-ed25519", key_blob(1)};
const host_key other_key{"ssh-ed25519", key_blob(2)};

class HostKeyPolicy : public testing::Test {
 protected:
  HostKeyPolicy() {
    options_.host_name = "server.example";
    options_.user_known_hosts_files = {folder_.path("known_hosts")};
  }

  void known(const std::string& lines) { static_cast<void>(folder_.write("known_hosts", lines)); }

  result<void> verify(const host_key& shown = key) {
    host_key_policy policy(options_, user_);
    return policy.verify(shown);
  }

  void expect_refusal(const result<void>& verdict, const testing::Matcher<std::string>& message) {
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().code, errc::host_key_refused);
    EXPECT_THAT(verdict.error().message, message);
  }

  support::temporary_folder folder_;
  config::settings options_;
  support::scripted_prompter user_;
};

TEST_F(HostKeyPolicy, AcceptsAKnownKeyWithoutAQuestion) {
  known("server.example " + key_text(1) + "\n");
  for (const auto checking : {host_key_checking::ask, host_key_checking::yes, host_key_checking::no,
                              host_key_checking::accept_new}) {
    options_.strict_host_key_checking = checking;
    EXPECT_TRUE(verify());
  }
  EXPECT_TRUE(user_.asked().empty());
}

TEST_F(HostKeyPolicy, RefusesAChangedKeyWhateverTheCheckingAndNamesFileAndLine) {
  known("# mine\nserver.example " + key_text(2) + "\n");
  const auto before = content_of(folder_.path("known_hosts"));
  for (const auto checking : {host_key_checking::ask, host_key_checking::yes, host_key_checking::no,
                              host_key_checking::accept_new}) {
    options_.strict_host_key_checking = checking;
    expect_refusal(verify(), AllOf(HasSubstr("HAS CHANGED"), HasSubstr(folder_.path("known_hosts") + ":2"),
                                   HasSubstr(config::fingerprint(key.blob)), HasSubstr("ssh-keygen")));
  }
  EXPECT_TRUE(user_.asked().empty());
  EXPECT_EQ(content_of(folder_.path("known_hosts")), before);
}

TEST_F(HostKeyPolicy, RefusesARevokedKeyWhateverTheChecking) {
  known("server.example " + key_text(1) + "\n@revoked * " + key_text(1) + "\n");
  for (const auto checking : {host_key_checking::ask, host_key_checking::yes, host_key_checking::no,
                              host_key_checking::accept_new}) {
    options_.strict_host_key_checking = checking;
    expect_refusal(verify(), AllOf(HasSubstr("revoked"), HasSubstr(folder_.path("known_hosts") + ":2")));
  }
}

TEST_F(HostKeyPolicy, RefusesAnUnknownKeyWhenCheckingIsOn) {
  options_.strict_host_key_checking = host_key_checking::yes;
  expect_refusal(verify(),
                 AllOf(HasSubstr("no ED25519 host key is known for server.example"),
                       HasSubstr(config::fingerprint(key.blob)), HasSubstr(folder_.path("known_hosts"))));
  EXPECT_TRUE(user_.asked().empty());
  EXPECT_EQ(content_of(folder_.path("known_hosts")), "");
}

TEST_F(HostKeyPolicy, AppendsANewKeyWithoutAQuestionWhenToldTo) {
  for (const auto checking : {host_key_checking::accept_new, host_key_checking::no}) {
    known("");
    options_.strict_host_key_checking = checking;
    EXPECT_TRUE(verify());
    EXPECT_EQ(content_of(folder_.path("known_hosts")), "server.example " + key_text(1) + "\n");
  }
  EXPECT_TRUE(user_.asked().empty());
}

TEST_F(HostKeyPolicy, AsksAndAppendsWhatTheUserAccepts) {
  support::scripted_prompter user({"yes"});
  host_key_policy policy(options_, user);
  EXPECT_TRUE(policy.verify(key));
  ASSERT_EQ(user.asked().size(), 1U);
  EXPECT_THAT(user.asked()[0].prompt,
              AllOf(HasSubstr("authenticity of host 'server.example'"),
                    HasSubstr("ED25519 key fingerprint is " + config::fingerprint(key.blob))));
  EXPECT_EQ(user.asked()[0].shown, echo::on);
  EXPECT_EQ(content_of(folder_.path("known_hosts")), "server.example " + key_text(1) + "\n");
}

TEST_F(HostKeyPolicy, SaysByWhichOtherNamesTheKeyIsKnown) {
  const auto question = [&] {
    support::scripted_prompter user({"no"});
    EXPECT_FALSE(host_key_policy(options_, user).verify(key));
    return user.asked().at(0).prompt;
  };
  EXPECT_THAT(question(), HasSubstr("\nThis key is not known by any other names.\nAre you sure"));
  const auto file = folder_.path("known_hosts");
  known("# old\none,two " + key_text(1) + "\nthree " + key_text(2) + "\n@revoked four " + key_text(1) +
        "\n|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= " + key_text(1) + "\n");
  EXPECT_THAT(question(), HasSubstr("\nThis host key is known by the following other names/addresses:\n    " +
                                    file + ":2: one,two\n    " + file + ":5: [hashed name]\nAre you sure"));
  std::string many;
  for (int i = 0; i < 10; ++i) many += "host" + std::to_string(i) + " " + key_text(1) + "\n";
  known(many);
  EXPECT_THAT(question(), HasSubstr(":8: host7\n    (2 additional names omitted)\n"));
}

TEST_F(HostKeyPolicy, InsistsOnAClearAnswer) {
  for (const std::string answer : {"YES", " yes ", "Yes\t"}) {
    known("");
    support::scripted_prompter user({"y", "", "sure", answer});
    host_key_policy policy(options_, user);
    EXPECT_TRUE(policy.verify(key)) << answer;
    EXPECT_EQ(user.asked().size(), 4U);
  }
}

TEST_F(HostKeyPolicy, TakesTheFingerprintForAYes) {
  support::scripted_prompter user({config::fingerprint(other_key.blob), config::fingerprint(key.blob)});
  host_key_policy policy(options_, user);
  EXPECT_TRUE(policy.verify(key));
  EXPECT_EQ(user.asked().size(), 2U) << "another key's fingerprint is none";
}

TEST_F(HostKeyPolicy, RefusesWhatTheUserDeclinesOrNobodyConfirms) {
  for (const std::deque<std::string>& answers : {std::deque<std::string>{"no"}, std::deque<std::string>{}}) {
    support::scripted_prompter user(answers);
    host_key_policy policy(options_, user);
    expect_refusal(policy.verify(key), HasSubstr("host key verification failed"));
    EXPECT_EQ(content_of(folder_.path("known_hosts")), "");
  }
}

TEST_F(HostKeyPolicy, PinsTheAcceptedKeyForLaterConnections) {
  // Nowhere to write to, so only memory has it.
  options_.user_known_hosts_files.clear();
  support::scripted_prompter user({"yes"});
  host_key_policy policy(options_, user);
  EXPECT_TRUE(policy.verify(key));
  EXPECT_TRUE(policy.verify(key));
  EXPECT_EQ(user.asked().size(), 1U) << "it is not asked about again";
  expect_refusal(policy.verify(other_key), HasSubstr("is not the one that was accepted"));
  options_.strict_host_key_checking = host_key_checking::accept_new;
  expect_refusal(policy.verify(other_key), HasSubstr("is not the one that was accepted"));
}

TEST_F(HostKeyPolicy, GoesByKnownHostsWhenItChangesUnderARunningProgram) {
  options_.strict_host_key_checking = host_key_checking::accept_new;
  host_key_policy policy(options_, user_);
  EXPECT_TRUE(policy.verify(key));
  known("server.example " + key_text(2) + "\n");
  EXPECT_TRUE(policy.verify(other_key));
  expect_refusal(policy.verify(key), HasSubstr("HAS CHANGED"));
}

TEST_F(HostKeyPolicy, LooksUpThePortAndTheAlias) {
  options_.port = 2222;
  options_.strict_host_key_checking = host_key_checking::yes;
  known("[server.example]:2222 " + key_text(1) + "\n");
  EXPECT_TRUE(verify());
  options_.host_key_alias = "alias";
  expect_refusal(verify(), HasSubstr("known for alias"));
  known("alias " + key_text(1) + "\n");
  EXPECT_TRUE(verify());
}

TEST_F(HostKeyPolicy, LooksIntoGlobalFilesToo) {
  options_.strict_host_key_checking = host_key_checking::yes;
  options_.global_known_hosts_files = {folder_.write("global", "server.example " + key_text(1) + "\n")};
  EXPECT_TRUE(verify());
}

TEST_F(HostKeyPolicy, RefusesWhenAFileCannotBeRead) {
  options_.strict_host_key_checking = host_key_checking::no;
  // A link to itself, which stops root as well.
  options_.global_known_hosts_files = {folder_.path("link")};
  std::filesystem::create_symlink("link", folder_.path("link"));
  expect_refusal(verify(), HasSubstr("cannot be checked"));
}

TEST_F(HostKeyPolicy, GoesOnWhenTheKeyCannotBeWrittenDown) {
  options_.strict_host_key_checking = host_key_checking::accept_new;
  options_.user_known_hosts_files = {folder_.path("no/such/folder/known_hosts")};
  EXPECT_TRUE(verify());
}

TEST_F(HostKeyPolicy, HashesTheNameWhenToldTo) {
  options_.strict_host_key_checking = host_key_checking::accept_new;
  options_.hash_known_hosts = true;
  EXPECT_TRUE(verify());
  EXPECT_THAT(content_of(folder_.path("known_hosts")),
              AllOf(HasSubstr("|1|"), Not(HasSubstr("server.example"))));
  options_.strict_host_key_checking = host_key_checking::yes;
  EXPECT_TRUE(verify()) << "and finds it again";
}

TEST_F(HostKeyPolicy, SanitisesATypeThatItDoesNotKnow) {
  options_.strict_host_key_checking = host_key_checking::yes;
  expect_refusal(verify({"evil\x1b[2J", key_blob(1)}), Not(HasSubstr("\x1b")));
}

TEST_F(HostKeyPolicy, ListsTheKnownTypesForTheProposal) {
  known("server.example " + key_text(1) + "\nother.example " + key_text(2) + "\n");
  const host_key_policy policy(options_, user_);
  EXPECT_THAT(policy.known_types(), testing::ElementsAre("ssh-ed25519"));
}

}  // namespace
}  // namespace tunnel::ssh
