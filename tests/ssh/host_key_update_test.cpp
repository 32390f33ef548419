// How known_hosts follows what a server says of itself: UpdateHostKeys and CheckHostIP.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ssh/errors.hpp"
#include "ssh/host_key_policy.hpp"
#include "support/scripted_prompter.hpp"
#include "support/temporary_folder.hpp"
#include "test_keys.hpp"

namespace tunnel::ssh {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

class HostKeyRules : public testing::Test {
 protected:
  HostKeyRules() {
    options_.host_name = "server.example";
    options_.user_known_hosts_files = {folder_.path("known_hosts")};
    options_.global_known_hosts_files = {folder_.path("global")};
    options_.strict_host_key_checking = config::host_key_checking::yes;
  }

  void known(const std::string& content) { static_cast<void>(folder_.write("known_hosts", content)); }
  std::string content() const { return support::content_of(folder_.path("known_hosts")); }

  support::temporary_folder folder_;
  config::settings options_;
};

// --- UpdateHostKeys ----------------------------------------------------------------------------------------

class UpdateHostKeys : public HostKeyRules {
 protected:
  UpdateHostKeys() { known("server.example " + key_text(1) + "\nserver.example " + key_text(9) + "\n"); }

  // What the server is to prove before the files change. It shows the key 1.
  std::optional<std::vector<octets>> offer(const std::vector<octets>& keys) {
    policy_.emplace(options_, user_);
    if (!policy_->verify({"ssh-ed25519", key_blob(1)})) throw std::runtime_error("not verified");
    return policy_->unproved(keys);
  }

  const std::vector<octets> offered_ = {key_blob(1), key_blob(2)};
  support::scripted_prompter user_;
  std::optional<host_key_policy> policy_;
};

TEST_F(UpdateHostKeys, LearnNewKeysOnceTheyAreProvedAndDropOldOnes) {
  const auto before = content();
  EXPECT_THAT(offer(offered_), Optional(ElementsAre(key_blob(2))));
  EXPECT_EQ(content(), before) << "nothing is proved yet";
  policy_->update(offered_);
  EXPECT_EQ(content(), "server.example " + key_text(1) + "\nserver.example " + key_text(2) + "\n");
  EXPECT_FALSE(offer(offered_)) << "there is nothing left to do";
}

TEST_F(UpdateHostKeys, DropAKeyWithoutAProof) {
  EXPECT_THAT(offer({key_blob(1)}), Optional(ElementsAre()));
  policy_->update(std::vector<octets>{key_blob(1)});
  EXPECT_EQ(content(), "server.example " + key_text(1) + "\n");
}

TEST_F(UpdateHostKeys, HashTheNames) {
  options_.hash_known_hosts = true;
  offer(offered_);
  policy_->update(offered_);
  EXPECT_THAT(content(), HasSubstr("\n|1|"));
}

TEST_F(UpdateHostKeys, AreNotHeededWhenTheUserSaysSo) {
  options_.update_host_keys = config::consent::no;
  EXPECT_FALSE(offer(offered_));
}

TEST_F(UpdateHostKeys, AreNotHeededForAKeyThatOthersVouchFor) {
  known("");
  static_cast<void>(folder_.write("global", "server.example " + key_text(1) + "\n"));
  EXPECT_FALSE(offer(offered_)) << "the file of all users";
  static_cast<void>(folder_.write("global", ""));
  options_.known_hosts_command = "/bin/echo server.example " + key_text(1);
  EXPECT_FALSE(offer(offered_)) << "a command";
  options_.known_hosts_command.clear();
  options_.port = 2222;
  known("server.example " + key_text(1) + "\n");
  EXPECT_FALSE(offer(offered_)) << "the host without its port";
}

TEST_F(UpdateHostKeys, AreNotHeededForAKeyThatNobodyConfirmed) {
  known("");
  options_.strict_host_key_checking = config::host_key_checking::accept_new;
  EXPECT_FALSE(offer(offered_));
  EXPECT_TRUE(offer(offered_)) << "it is known by now";
}

TEST_F(UpdateHostKeys, AreHeededForAKeyThatTheUserHasJustConfirmed) {
  known("");
  options_.strict_host_key_checking = config::host_key_checking::ask;
  support::scripted_prompter user({"yes"});
  host_key_policy policy(options_, user);
  ASSERT_TRUE(policy.verify({"ssh-ed25519", key_blob(1)}));
  EXPECT_THAT(policy.unproved(offered_), Optional(ElementsAre(key_blob(2))));
}

TEST_F(UpdateHostKeys, AreNotHeededWithoutTheKeyThatWasShownOrWithOneTwice) {
  EXPECT_FALSE(offer({key_blob(2), key_blob(3)}));
  EXPECT_FALSE(offer({key_blob(1), key_blob(2), key_blob(2)}));
  EXPECT_FALSE(offer({}));
}

TEST_F(UpdateHostKeys, PassOverKeysThatCannotBeUsed) {
  known("server.example " + key_text(1) + "\n");
  EXPECT_FALSE(offer({key_blob(1), octets{0, 0, 0, 1, 'x'}, octets{}}));
  options_.host_key_algorithms = config::parse_choice("ssh-ed25519", config::algorithm_kind::key).value();
  EXPECT_TRUE(offer(offered_));
  options_.host_key_algorithms = config::parse_choice("rsa-sha2-512", config::algorithm_kind::key).value();
  EXPECT_FALSE(offer(offered_));
}

TEST_F(UpdateHostKeys, AskTheUserFirstWhereThatIsWanted) {
  options_.update_host_keys = config::consent::ask;
  for (const std::string answer : {"no", "yes"}) {
    const auto before = content();
    support::scripted_prompter user({answer});
    {
      host_key_policy policy(options_, user);
      ASSERT_TRUE(policy.verify({"ssh-ed25519", key_blob(1)}));
      ASSERT_TRUE(policy.unproved(offered_));
      policy.update(offered_);
      // Its end waits for the answer.
    }
    ASSERT_EQ(user.asked().size(), 1U);
    EXPECT_THAT(user.asked().front().prompt, AllOf(HasSubstr("Learned new hostkey: ED25519 SHA256:"),
                                                   HasSubstr("Deprecating obsolete hostkey: ED25519"),
                                                   HasSubstr("Accept updated hostkeys? (yes/no): ")));
    EXPECT_EQ(content() != before, answer == "yes");
  }
}

// --- CheckHostIP -------------------------------------------------------------------------------------------

class CheckHostIp : public HostKeyRules {
 protected:
  CheckHostIp() { options_.check_host_ip = true; }

  result<void> verify(const std::string& address = "192.0.2.7") {
    return host_key_policy(options_, user_)
        .verify({"ssh-ed25519", key_blob(1), asio::ip::make_address(address)});
  }

  support::scripted_prompter user_;
};

TEST_F(CheckHostIp, AddsTheAddressOfAKnownKey) {
  known("server.example " + key_text(1) + "\n");
  ASSERT_TRUE(verify());
  EXPECT_EQ(content(), "server.example " + key_text(1) + "\n192.0.2.7 " + key_text(1) + "\n");
  ASSERT_TRUE(verify());
  EXPECT_EQ(std::ranges::count(content(), '\n'), 2) << "once";
}

TEST_F(CheckHostIp, AddsBothNamesOfANewKey) {
  options_.port = 2222;
  options_.strict_host_key_checking = config::host_key_checking::accept_new;
  ASSERT_TRUE(verify());
  EXPECT_EQ(content(), "[server.example]:2222,[192.0.2.7]:2222 " + key_text(1) + "\n");
}

TEST_F(CheckHostIp, LeavesOutWhatSaysNothing) {
  known("server.example " + key_text(1) + "\n127.0.0.1 " + key_text(2) + "\n");
  const auto before = content();
  EXPECT_TRUE(verify("127.0.0.1"));
  options_.check_host_ip = false;
  EXPECT_TRUE(verify());
  EXPECT_EQ(content(), before);
}

TEST_F(CheckHostIp, RefusesAnAddressWithAnotherKey) {
  known("server.example " + key_text(1) + "\n192.0.2.7 " + key_text(2) + "\n");
  const auto verdict = verify();
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().code, errc::host_key_refused);
  EXPECT_THAT(verdict.error().message,
              AllOf(HasSubstr("differs from the key for its address 192.0.2.7"), HasSubstr("known_hosts:2")));
}

TEST_F(CheckHostIp, AsksAboutAnAddressWithAnotherKeyOrOnlyWarns) {
  known("server.example " + key_text(1) + "\n192.0.2.7 " + key_text(2) + "\n");
  options_.strict_host_key_checking = config::host_key_checking::no;
  EXPECT_TRUE(verify());
  options_.strict_host_key_checking = config::host_key_checking::ask;
  EXPECT_FALSE(verify()) << "there is nobody";
  support::scripted_prompter user({"yes"});
  host_key_policy policy(options_, user);
  EXPECT_TRUE(policy.verify({"ssh-ed25519", key_blob(1), asio::ip::make_address("192.0.2.7")}));
}

TEST_F(CheckHostIp, FollowsUpdatesOfTheKeys) {
  known("server.example,192.0.2.7 " + key_text(1) + "\n");
  host_key_policy policy(options_, user_);
  ASSERT_TRUE(policy.verify({"ssh-ed25519", key_blob(1), asio::ip::make_address("192.0.2.7")}));
  const std::vector<octets> offered = {key_blob(1), key_blob(2)};
  ASSERT_TRUE(policy.unproved(offered));
  policy.update(offered);
  EXPECT_THAT(content(), HasSubstr("\nserver.example,192.0.2.7 " + key_text(2) + "\n"));
}

}  // namespace
}  // namespace tunnel::ssh
