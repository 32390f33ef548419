// What is asked beside the files of known hosts: KnownHostsCommand, RevokedHostKeys; and who is not asked
// about.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/fingerprint.hpp"
#include "config/randomart.hpp"
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
using testing::Not;

const host_key wanted_key{"ssh-ed25519", key_blob(1)};

class HostKeySources : public testing::Test {
 protected:
  HostKeySources() {
    options_.host_name = "server.example";
    options_.user_known_hosts_files = {folder_.path("known_hosts")};
    options_.strict_host_key_checking = config::host_key_checking::yes;
  }

  result<void> verify() { return verify(wanted_key); }
  result<void> verify(const host_key& shown) { return host_key_policy(options_, user_).verify(shown); }

  void expect_refusal(const testing::Matcher<std::string>& message) {
    const auto verdict = verify();
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().code, errc::host_key_refused);
    EXPECT_THAT(verdict.error().message, message);
  }

  // A command that writes this.
  void command_says(const std::string& text) {
    options_.known_hosts_command = "/bin/cat " + folder_.write("lines", text);
  }

  support::temporary_folder folder_;
  config::settings options_;
  support::scripted_prompter user_;
};

TEST_F(HostKeySources, TakeAKeyFromTheCommand) {
  expect_refusal(HasSubstr("no ED25519 host key is known"));
  command_says("other " + key_text(2) + "\nserver.example " + key_text(1) + "\n");
  EXPECT_TRUE(verify());
  EXPECT_THAT(host_key_policy(options_, user_).known_types(), ElementsAre("ssh-ed25519"));
}

TEST_F(HostKeySources, AskTheCommandAboutTheNameAndTheKey) {
  options_.port = 2222;
  options_.known_hosts_command = "/bin/echo %H %t %K";
  EXPECT_TRUE(verify()) << "it repeats what it is asked about";
}

TEST_F(HostKeySources, SayThatACommandKnowsAnotherKey) {
  command_says("# mine\nserver.example " + key_text(2) + "\n");
  expect_refusal(
      AllOf(HasSubstr("HAS CHANGED"), HasSubstr("KnownHostsCommand:2"), Not(HasSubstr("ssh-keygen"))));
}

TEST_F(HostKeySources, NameTheFileToMendBesideTheCommand) {
  command_says("server.example " + key_text(2) + "\n");
  const auto file = folder_.write("known_hosts", "server.example " + key_text(3) + "\n");
  expect_refusal(AllOf(HasSubstr("KnownHostsCommand:1"), HasSubstr("ssh-keygen -f '" + file + "' -R")));
}

TEST_F(HostKeySources, HeedARevocationByTheCommand) {
  static_cast<void>(folder_.write("known_hosts", "server.example " + key_text(1) + "\n"));
  EXPECT_TRUE(verify());
  command_says("@revoked * " + key_text(1) + "\n");
  expect_refusal(HasSubstr("marked as revoked at KnownHostsCommand:1"));
}

TEST_F(HostKeySources, TrustNoKeyWhenTheCommandFails) {
  static_cast<void>(folder_.write("known_hosts", "server.example " + key_text(1) + "\n"));
  options_.known_hosts_command = "/bin/false";
  expect_refusal(HasSubstr("KnownHostsCommand: /bin/false ended with status 1"));
  EXPECT_TRUE(host_key_policy(options_, user_).known_types().empty());
}

TEST_F(HostKeySources, RefuseWhatIsRevokedWhateverIsKnown) {
  static_cast<void>(folder_.write("known_hosts", "server.example " + key_text(1) + "\n"));
  options_.revoked_host_keys = folder_.write("revoked", key_text(2) + "\n");
  EXPECT_TRUE(verify());
  options_.revoked_host_keys = folder_.write("revoked", key_text(2) + "\n" + key_text(1) + " old\n");
  expect_refusal(AllOf(HasSubstr("is revoked by " + options_.revoked_host_keys),
                       HasSubstr(config::fingerprint(wanted_key.blob))));
}

TEST_F(HostKeySources, TrustNoKeyWithoutTheListOfTheRevoked) {
  static_cast<void>(folder_.write("known_hosts", "server.example " + key_text(1) + "\n"));
  options_.revoked_host_keys = folder_.path("missing");
  expect_refusal(HasSubstr("RevokedHostKeys: cannot open"));
}

TEST_F(HostKeySources, LetLoopbackAloneWhenToldTo) {
  for (const auto* from : {"127.0.0.1", "127.9.9.9", "::1"}) {
    host_key shown = wanted_key;
    shown.address = asio::ip::make_address(from);
    options_.no_host_authentication_for_localhost = false;
    EXPECT_FALSE(verify(shown)) << from;
    options_.no_host_authentication_for_localhost = true;
    EXPECT_TRUE(verify(shown)) << from;
  }
}

TEST_F(HostKeySources, LetNoLoopbackAloneThatIsElsewhere) {
  options_.host_name = "localhost";
  options_.no_host_authentication_for_localhost = true;
  EXPECT_FALSE(verify()) << "it is the loopback of a jump host, or behind a command or a proxy";
  host_key shown = wanted_key;
  shown.address = asio::ip::make_address("192.0.2.1");
  EXPECT_FALSE(verify(shown));
  shown.address = asio::ip::make_address("127.0.0.1");
  options_.host_key_alias = "alias";
  EXPECT_FALSE(verify(shown)) << "the alias says whose key it is to be";
}

TEST_F(HostKeySources, ShowAPictureWithTheQuestionWhenToldTo) {
  options_.strict_host_key_checking = config::host_key_checking::ask;
  for (const bool visual : {false, true}) {
    options_.visual_host_key = visual;
    support::scripted_prompter user({"no"});
    EXPECT_FALSE(host_key_policy(options_, user).verify(wanted_key));
    ASSERT_EQ(user.asked().size(), 1U);
    const bool shown =
        user.asked().front().prompt.find(config::randomart(wanted_key.blob) + '\n') != std::string::npos;
    EXPECT_EQ(shown, visual);
  }
}

}  // namespace
}  // namespace tunnel::ssh
