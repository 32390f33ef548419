// Blocks that ask a command, the name service or for a second reading.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/errors.hpp"
#include "config/ssh_config.hpp"
#include "support.hpp"

namespace tunnel::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SshConfigPasses : public testing::Test {
 protected:
  result<settings> read(const std::string& text, const std::string& host = "host") {
    files.add("/home/me/.ssh/config", text);
    command_line given;
    given.target.host = host;
    return load_settings(given, files.env());
  }

  memory_files files;
};

TEST_F(SshConfigPasses, RunACommandForEachReading) {
  EXPECT_EQ(read("Match exec \"is %h true\"\n Port 23\n")->port, 23);
  EXPECT_THAT(files.commands, ElementsAre("is host true"));
  files.commands.clear();
  EXPECT_EQ(read("HostName %h.org\nMatch final exec \"%h-%n-%r-%p true\"\n Port 23\n")->port, 23);
  EXPECT_THAT(files.commands, ElementsAre("host.org-host-me-22 true"));
}

TEST_F(SshConfigPasses, RunNothingInFilesThatDoNotApply) {
  files.add("/home/me/.ssh/more", "Match exec true\n Port 23\n");
  EXPECT_EQ(read("Host other\n Include more\n")->port, 22);
  EXPECT_TRUE(files.commands.empty());
}

TEST_F(SshConfigPasses, NameThePlaceOfACommandThatCannotBeRun) {
  environment env = files.env();
  env.run = [](const std::string&) -> result<int> { return failure(errc::command_failed, "too slow"); };
  files.add("/home/me/.ssh/config", "\nMatch exec x\n");
  command_line given;
  given.target.host = "host";
  const auto outcome = load_settings(given, env);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "/home/me/.ssh/config:2: Match: too slow");
}

TEST_F(SshConfigPasses, GiveNoCommandAHostThatIsNone) {
  EXPECT_FALSE(read("HostName \"$(id)\"\nMatch exec \"ping %h true\"\n Port 23\n"));
  EXPECT_FALSE(read("User \"a;b\"\nMatch exec \"x %r true\"\n Port 23\n"));
  EXPECT_FALSE(read("Match exec true\n", "$(id)"));
  EXPECT_TRUE(files.commands.empty());
}

TEST_F(SshConfigPasses, KeepWhatTheFirstReadingSet) {
  const auto given = read("Match final\n Port 24\n User x\nHost *\n Port 23\n");
  ASSERT_TRUE(given);
  EXPECT_EQ(given->port, 23);
  EXPECT_EQ(given->user, "x");
}

TEST_F(SshConfigPasses, MatchTheTagThatCameBefore) {
  const std::string blocks = "Match tagged work\n Port 23\nMatch tagged \"\"\n Port 24\n";
  EXPECT_EQ(read("Host host\n Tag work\n" + blocks)->port, 23);
  EXPECT_EQ(read(blocks)->port, 24);
  EXPECT_EQ(read("Tag home\n" + blocks)->port, 22);
  EXPECT_EQ(read("Tag home\n")->tag, "home");
}

TEST_F(SshConfigPasses, ReadAgainWithTheCanonicalName) {
  files.names = {{"host.example.org.", ""}};
  const std::string text =
      "CanonicalizeHostname yes\nCanonicalDomains example.org\nHost *.example.org\n Port 23\n"
      "Match canonical host host.example.org originalhost host\n User x\n";
  const auto given = read(text);
  ASSERT_TRUE(given) << given.error().message;
  EXPECT_EQ(given->host_name, "host.example.org");
  EXPECT_EQ(given->original_host, "host");
  EXPECT_EQ(given->port, 23);
  EXPECT_EQ(given->user, "x");
  EXPECT_EQ(read(text, "other")->host_name, "other");
  const auto strict = read(text + "Host *\n CanonicalizeFallbackLocal no\n", "other");
  ASSERT_FALSE(strict);
  EXPECT_EQ(strict.error().code, make_error_code(errc::unknown_host));
}

TEST_F(SshConfigPasses, CountTheirFilesAnew) {
  std::string text;
  for (int i = 0; i < 600; ++i) text += "Include more\n";
  files.add("/home/me/.ssh/more", "# nothing\n");
  EXPECT_TRUE(read(text + "Match final\n Port 23\n"));
}

TEST(SshConfigKeywords, AreHandedOnToThoseWhoHeedThem) {
  const auto read = settings_from(
      "IPQoS cs1 none\nBindAddress 127.0.0.1\nBindInterface lo\nAddKeysToAgent confirm 1h\n"
      "KnownHostsCommand /bin/x %h # all\nRevokedHostKeys ~/revoked-%h\nCheckHostIP yes\n"
      "NoHostAuthenticationForLocalhost yes\nVerifyHostKeyDNS ask\nVisualHostKey yes\n"
      "ExitOnForwardFailure yes\nForkAfterAuthentication yes\nControlPath ~/.ssh/%r@%h:%p\nTag t\n");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->ip_qos, (ip_qos{.interactive = 0x20, .other = system_service}));
  EXPECT_EQ(read->bind_address, "127.0.0.1");
  EXPECT_EQ(read->bind_interface, "lo");
  EXPECT_EQ(read->add_keys_to_agent.how, agent_addition::mode::confirm);
  EXPECT_EQ(read->add_keys_to_agent.lifetime, std::chrono::hours(1));
  EXPECT_EQ(read->known_hosts_command, "/bin/x %h # all");
  EXPECT_EQ(read->revoked_host_keys, "/home/me/revoked-host");
  EXPECT_TRUE(read->check_host_ip);
  EXPECT_TRUE(read->no_host_authentication_for_localhost);
  EXPECT_EQ(read->verify_host_key_dns, consent::ask);
  EXPECT_EQ(read->update_host_keys, consent::no);
  EXPECT_TRUE(read->visual_host_key);
  EXPECT_TRUE(read->exit_on_forward_failure);
  EXPECT_TRUE(read->fork_after_authentication);
  EXPECT_EQ(read->control_path, "/home/me/.ssh/me@host:22");
  EXPECT_EQ(read->tag, "t");
  EXPECT_THAT(read->warnings,
              testing::ElementsAre(testing::HasSubstr("VerifyHostKeyDNS: fingerprints are not")));
}

TEST(SshConfigKeywords, LetKnownHostsBeUpdatedUnlessTheyAreManaged) {
  EXPECT_EQ(settings_from("")->update_host_keys, consent::yes);
  EXPECT_EQ(settings_from("UserKnownHostsFile x")->update_host_keys, consent::no);
  EXPECT_EQ(settings_from("UserKnownHostsFile ~/.ssh/known_hosts")->update_host_keys, consent::yes);
  EXPECT_EQ(settings_from("UserKnownHostsFile ~/.ssh/known_hosts2")->update_host_keys, consent::no);
  EXPECT_EQ(settings_from("UserKnownHostsFile ~/.ssh/known_hosts ~/.ssh/known_hosts2")->update_host_keys,
            consent::no);
  EXPECT_EQ(settings_from("UserKnownHostsFile ~/.ssh/known_hosts\nVerifyHostKeyDNS yes")->update_host_keys,
            consent::no);
  EXPECT_EQ(settings_from("UserKnownHostsFile x\nUpdateHostKeys ask")->update_host_keys, consent::ask);
}

}  // namespace
}  // namespace tunnel::config
