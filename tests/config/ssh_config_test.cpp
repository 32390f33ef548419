#include "config/ssh_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/errors.hpp"
#include "support.hpp"

namespace tunnel::config {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(SshConfig, HasSshsDefaultsButForKeepalives) {
  const settings s = settings_from("").value();
  EXPECT_EQ(s.host_name, "host");
  EXPECT_EQ(s.host_key_alias, std::nullopt);
  EXPECT_EQ(s.port, 22);
  EXPECT_EQ(s.user, "me");
  EXPECT_EQ(s.address_family, address_family::any);
  EXPECT_EQ(s.connect_timeout, std::nullopt);
  EXPECT_EQ(s.connection_attempts, 1U);
  EXPECT_TRUE(s.tcp_keep_alive);
  EXPECT_THAT(s.identity_files,
              ElementsAre("/home/me/.ssh/id_rsa", "/home/me/.ssh/id_ecdsa", "/home/me/.ssh/id_ecdsa_sk",
                          "/home/me/.ssh/id_ed25519", "/home/me/.ssh/id_ed25519_sk"));
  EXPECT_TRUE(s.default_identity_files);
  EXPECT_FALSE(s.identities_only);
  EXPECT_EQ(s.identity_agent, "");
  EXPECT_TRUE(s.pubkey_authentication && s.password_authentication && s.kbd_interactive_authentication);
  EXPECT_EQ(s.number_of_password_prompts, 3U);
  EXPECT_THAT(s.preferred_authentications, IsEmpty());
  EXPECT_FALSE(s.batch_mode);
  EXPECT_EQ(s.strict_host_key_checking, host_key_checking::ask);
  EXPECT_THAT(s.user_known_hosts_files,
              ElementsAre("/home/me/.ssh/known_hosts", "/home/me/.ssh/known_hosts2"));
  EXPECT_THAT(s.global_known_hosts_files,
              ElementsAre("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"));
  EXPECT_FALSE(s.hash_known_hosts);
  EXPECT_EQ(s.server_alive_interval, seconds(15));
  EXPECT_EQ(s.server_alive_count_max, 3U);
  EXPECT_THAT(s.dynamic_forward, IsEmpty());
  EXPECT_FALSE(s.gateway_ports);
  EXPECT_EQ(s.log_level, std::nullopt);
  EXPECT_THAT(s.warnings, IsEmpty());
}

TEST(SshConfig, TakesEveryHonouredKeyword) {
  const settings s =
      settings_from(
          "HostName Real.Example\nHostKeyAlias alias\nPort 2222\nUser root\nAddressFamily inet6\n"
          "ConnectTimeout 1m\nConnectionAttempts 4\nTCPKeepAlive no\nIdentityFile ~/a\n"
          "IdentityFile /b\nIdentitiesOnly yes\nIdentityAgent /run/agent\n"
          "PubkeyAuthentication no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
          "NumberOfPasswordPrompts 1\nPreferredAuthentications publickey,password\nBatchMode yes\n"
          "StrictHostKeyChecking accept-new\nUserKnownHostsFile ~/k1 /k2\n"
          "GlobalKnownHostsFile /g1 /g2\nHashKnownHosts yes\nServerAliveInterval 7\n"
          "ServerAliveCountMax 2\nDynamicForward 1080\nDynamicForward [::1]:1081\n"
          "DynamicForward 1080\nGatewayPorts yes\nLogLevel DEBUG2\n")
          .value();
  EXPECT_EQ(s.host_name, "real.example");
  EXPECT_EQ(s.host_key_alias, "alias");
  EXPECT_EQ(s.port, 2222);
  EXPECT_EQ(s.user, "root");
  EXPECT_EQ(s.address_family, address_family::inet6);
  EXPECT_EQ(s.connect_timeout, seconds(60));
  EXPECT_EQ(s.connection_attempts, 4U);
  EXPECT_FALSE(s.tcp_keep_alive);
  EXPECT_THAT(s.identity_files, ElementsAre("/home/me/a", "/b"));
  EXPECT_FALSE(s.default_identity_files);
  EXPECT_TRUE(s.identities_only);
  EXPECT_EQ(s.identity_agent, "/run/agent");
  EXPECT_FALSE(s.pubkey_authentication || s.password_authentication || s.kbd_interactive_authentication);
  EXPECT_EQ(s.number_of_password_prompts, 1U);
  EXPECT_THAT(s.preferred_authentications, ElementsAre("publickey", "password"));
  EXPECT_TRUE(s.batch_mode);
  EXPECT_EQ(s.strict_host_key_checking, host_key_checking::accept_new);
  EXPECT_THAT(s.user_known_hosts_files, ElementsAre("/home/me/k1", "/k2"));
  EXPECT_THAT(s.global_known_hosts_files, ElementsAre("/g1", "/g2"));
  EXPECT_TRUE(s.hash_known_hosts);
  EXPECT_EQ(s.server_alive_interval, seconds(7));
  EXPECT_EQ(s.server_alive_count_max, 2U);
  ASSERT_EQ(s.dynamic_forward.size(), 2U);
  EXPECT_EQ(s.dynamic_forward[1].bind_address, "::1");
  EXPECT_TRUE(s.gateway_ports);
  EXPECT_EQ(s.log_level, log_level::debug2);
}

TEST(SshConfig, LetsTheFirstValueWin) {
  EXPECT_EQ(settings_from("Port 1\nPort 2\n")->port, 1);
  EXPECT_EQ(settings_from("Host h*\n Port 1\nHost *\n Port 2\n User late\n")->port, 1);
  EXPECT_EQ(settings_from("Host h*\n Port 1\nHost *\n Port 2\n User late\n")->user, "late");
  EXPECT_EQ(settings_from("Host x\n Port 1\nHost *\n Port 2\n")->port, 2);
  EXPECT_THAT(settings_from("UserKnownHostsFile /a\nUserKnownHostsFile /b\n")->user_known_hosts_files,
              ElementsAre("/a"));
}

TEST(SshConfig, KnowsNoneAsAnEmptyList) {
  const settings s =
      settings_from(
          "UserKnownHostsFile none\nGlobalKnownHostsFile NONE\nIdentityFile none\nIdentityAgent none\n")
          .value();
  EXPECT_THAT(s.user_known_hosts_files, IsEmpty());
  EXPECT_THAT(s.global_known_hosts_files, IsEmpty());
  EXPECT_THAT(s.identity_files, IsEmpty());
  EXPECT_FALSE(s.default_identity_files);
  EXPECT_EQ(settings_from("ServerAliveInterval none\n")->server_alive_interval, seconds(0));
  EXPECT_EQ(settings_from("ServerAliveInterval none\nServerAliveInterval 30\n")->server_alive_interval,
            seconds(30));
  EXPECT_EQ(settings_from("Host other\nServerAliveInterval none\n")->server_alive_interval, seconds(15));
  EXPECT_EQ(settings_from("ConnectTimeout none\nConnectTimeout 5\n")->connect_timeout, seconds(5));
}

TEST(SshConfig, AppliesBlocksByHostAndCriteria) {
  const std::string text =
      "Host db-* !db-old\n  User dba\nMatch originalhost web,www user !root\n  Port 81\n"
      "Host alias\n  HostName %h.example.org\nMatch host *.example.org\n  Port 82\nMatch user dba\n  Port "
      "83\n"
      "Match localuser me\n  ServerAliveCountMax 9\nMatch all\n  BatchMode yes\n";
  EXPECT_EQ(settings_from(text, "db-1")->user, "dba");
  EXPECT_EQ(settings_from(text, "db-1")->port, 83);
  EXPECT_EQ(settings_from(text, "db-old")->user, "me");
  EXPECT_EQ(settings_from(text, "alias")->host_name, "alias.example.org");
  EXPECT_EQ(settings_from(text, "alias")->port, 82);
  EXPECT_EQ(settings_from(text, "other")->port, 22);
  EXPECT_EQ(settings_from(text, "other")->server_alive_count_max, 9U);
  EXPECT_TRUE(settings_from(text, "other")->batch_mode);
}

TEST(SshConfig, WarnsOfWhatIsReadButNotDone) {
  const settings s = settings_from(
                         "Match version \"true\"\n  Port 99\nHost *\nSmartcardDevice x\nCompression "
                         "yes\nPKCS11Provider none\n"
                         "Host other\nPKCS11Provider x\n")
                         .value();
  EXPECT_EQ(s.port, 22);
  EXPECT_THAT(s.warnings, ElementsAre(HasSubstr("config:1: Match version is not supported"),
                                      HasSubstr("config:4: SmartcardDevice is not supported")));
}

TEST(SshConfig, WarnsThatTheDnsIsNotAskedForFingerprints) {
  for (const std::string value : {"yes", "ask"})
    EXPECT_THAT(settings_from("VerifyHostKeyDNS " + value)->warnings,
                ElementsAre(HasSubstr("known_hosts alone")));
  EXPECT_THAT(settings_from("VerifyHostKeyDNS no")->warnings, IsEmpty());
}

TEST(SshConfig, AcceptsEverythingElseThatSshKnows) {
  const settings s = settings_from(
                         "SendEnv LANG LC_*\nGSSAPIAuthentication yes\nForwardAgent no\nProtocol 2\n"
                         "ControlPath ~/.ssh/%C\nLocalForward 1 a:2\nRekeyLimit 1G 1h\nIPQoS lowdelay\n"
                         "ForwardX11Trusted yes\nUseRoaming no\nVisualHostKey yes\n")
                         .value();
  EXPECT_THAT(s.warnings, IsEmpty());
}

TEST(SshConfig, AcceptsWhatLaterVersionsOfSshKnow) {
  const settings s = settings_from(
                         "ObscureKeystrokeTiming interval:80\nChannelTimeout global=1h session=2h\n"
                         "VersionAddendum home # sweet\nWarnWeakCrypto no-pq-kex\nTag x\n")
                         .value();
  EXPECT_THAT(s.warnings, IsEmpty());
}

TEST(SshConfig, RefusesAConnectionWithTheTextThatSaysWhy) {
  const auto refused = settings_from("Host h*\n  RefuseConnection \"use the new name\"\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::refused);
  EXPECT_EQ(refused.error().message, "/home/me/.ssh/config:2: RefuseConnection: use the new name");
  EXPECT_TRUE(settings_from("Host other\n  RefuseConnection no\n"));
  EXPECT_FALSE(settings_from("Host other\n  RefuseConnection\n"));
}

TEST(SshConfig, TakesRekeyLimits) {
  const auto limit = [](const std::string& text) {
    const settings s = settings_from(text).value();
    return std::pair(s.rekey_octets, s.rekey_time);
  };
  EXPECT_EQ(limit(""), std::pair(std::optional<std::uint64_t>(), std::optional<seconds>()));
  EXPECT_EQ(limit("RekeyLimit default none"), limit(""));
  EXPECT_EQ(limit("RekeyLimit 0 0"), limit(""));
  EXPECT_EQ(limit("RekeyLimit 1G 1h"),
            std::pair(std::optional(std::uint64_t{1} << 30U), std::optional(seconds(3600))));
  EXPECT_EQ(limit("RekeyLimit 16"), std::pair(std::optional(std::uint64_t{16}), std::optional<seconds>()));
  EXPECT_EQ(limit("RekeyLimit 1G\nRekeyLimit 2G 1h\n"), limit("RekeyLimit 1G 1h"))
      << "the first of each counts";
  EXPECT_EQ(limit("RekeyLimit default\nRekeyLimit 2G\n"), limit("")) << "default counts too";
}

TEST(SshConfig, TakesCertificateFilesAsItTakesIdentityFiles) {
  const settings s =
      settings_from("User root\nCertificateFile ~/a-%r.pub\nCertificateFile /b\nCertificateFile /b\n")
          .value();
  EXPECT_THAT(s.certificate_files, ElementsAre("/home/me/a-root.pub", "/b"));
  EXPECT_THAT(settings_from("CertificateFile none").value().certificate_files, IsEmpty());
  const auto wrong = settings_from("CertificateFile /%Z");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("CertificateFile"));
}

TEST(SshConfig, KeepsTheFirstChoiceOfAlgorithms) {
  const settings s = settings_from(
                         "Host other\nCiphers aes256-ctr\nHost *\nCiphers +aes128-cbc\nCiphers aes128-ctr\n"
                         "PubkeyAcceptedKeyTypes -ssh-rsa\nRequiredRSASize 3072\nCompression yes\n"
                         "HostbasedAcceptedAlgorithms ssh-rsa\n")
                         .value();
  using edit = algorithm_choice::edit;
  EXPECT_EQ(s.ciphers, (algorithm_choice{algorithm_kind::cipher, edit::append, {"aes128-cbc"}}));
  EXPECT_EQ(s.pubkey_accepted_algorithms, (algorithm_choice{algorithm_kind::key, edit::remove, {"ssh-rsa"}}));
  EXPECT_EQ(s.required_rsa_size, 3072U);
  EXPECT_EQ(s.macs, std::nullopt);
  EXPECT_THAT(s.warnings, IsEmpty());
}

TEST(SshConfig, NamesThePlaceOfAnAlgorithmThatNobodyKnows) {
  EXPECT_EQ(settings_from("Host *\nCiphers aes128-cttr\n").error().message,
            "/home/me/.ssh/config:2: Ciphers: \"aes128-cttr\" is no cipher that ssh knows; did you mean "
            "\"aes128-ctr\"?");
  EXPECT_EQ(settings_from_options({"MACs=+"}).error().message, "command-line: MACs: it names no MAC");
}

TEST(SshConfig, NamesThePlaceAndTheNearestKeyword) {
  const auto wrong = settings_from("Host *\n\n  Prot 22\n");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, errc::unknown_keyword);
  EXPECT_EQ(wrong.error().message,
            "/home/me/.ssh/config:3: ssh has no keyword \"Prot\"; did you mean \"Port\"?");
  EXPECT_EQ(
      settings_from_options({"StrictHostKeyCheking=no"}).error().message,
      "command-line: ssh has no keyword \"StrictHostKeyCheking\"; did you mean \"StrictHostKeyChecking\"?");
  EXPECT_EQ(settings_from("Bananas 1").error().message,
            "/home/me/.ssh/config:1: ssh has no keyword \"Bananas\"");
}

TEST(SshConfig, ChecksBlocksThatDoNotApplyToo) {
  EXPECT_FALSE(settings_from("Host other\nPort x\n"));
  EXPECT_FALSE(settings_from("Host other\nBananas x\n"));
}

TEST(SshConfig, PassesOverWhatIgnoreUnknownNames) {
  EXPECT_TRUE(settings_from("IgnoreUnknown Banan*,UseKeychain\nBananas 1\nusekeychain yes\n"));
  EXPECT_FALSE(settings_from("Bananas 1\nIgnoreUnknown Banan*\n")) << "it must come before";
  EXPECT_FALSE(settings_from("IgnoreUnknown !Bananas,Banan*\nBananas 1\n"));
  EXPECT_TRUE(settings_from_options({"IgnoreUnknown=Bananas", "Bananas=1"}));
}

TEST(SshConfig, RefusesMalformedValuesWithTheirPlace) {
  for (const std::string line : {"Port 0",
                                 "Port 65536",
                                 "Port ssh22",
                                 "Port 22 23",
                                 "Port \"\"",
                                 "Port \"22",
                                 "BatchMode maybe",
                                 "ServerAliveInterval 5x",
                                 "ServerAliveInterval -1",
                                 "ServerAliveCountMax x",
                                 "ServerAliveCountMax 2147483648",
                                 "ConnectTimeout 1.5",
                                 "StrictHostKeyChecking perhaps",
                                 "AddressFamily ipv4",
                                 "LogLevel loud",
                                 "LogLevel",
                                 "Ciphers none",
                                 "Ciphers aes128-ctr aes192-ctr",
                                 "Ciphers aes*",
                                 "MACs HMAC-SHA1",
                                 "KexAlgorithms ^bananas",
                                 "HostKeyAlgorithms !ssh-rsa",
                                 "CASignatureAlgorithms ssh-rsa-cert-v01@openssh.com",
                                 "RequiredRSASize many",
                                 "RekeyLimit 15",
                                 "RekeyLimit none",
                                 "RekeyLimit Default",
                                 "RekeyLimit",
                                 "RekeyLimit 1G soon",
                                 "RekeyLimit 1G \"\"",
                                 "RekeyLimit 1G 1h 2h",
                                 "CertificateFile a b",
                                 "DynamicForward x",
                                 "DynamicForward ::1:80",
                                 "GatewayPorts clientspecified",
                                 "UserKnownHostsFile /a none",
                                 "UserKnownHostsFile /a \"\"",
                                 "IdentityFile a b",
                                 "User a b",
                                 "Match",
                                 "Match bananas x",
                                 "Match host",
                                 "Match all host x",
                                 "Host \"\"",
                                 "= 1",
                                 "PubkeyAuthentication ask"}) {
    const auto wrong = settings_from("# first\n" + line + "\n");
    ASSERT_FALSE(wrong) << line;
    EXPECT_EQ(wrong.error().code, errc::malformed) << line;
    EXPECT_THAT(wrong.error().message, testing::StartsWith("/home/me/.ssh/config:2: ")) << line;
  }
  EXPECT_FALSE(settings_from(std::string("Port 2\0002\n", 10)));
}

TEST(SshConfig, ExpandsTokensVariablesAndHomes) {
  memory_files files;
  files.variables = {{"KEYS", "/keys"}, {"MY_AGENT", "/run/mine"}, {"SSH_AUTH_SOCK", "/run/auth"}};
  const environment env = files.env();
  command_line given;
  given.target.host = "alias";
  const auto identity_for = [&](const std::string& path) {
    given.options = {{"HostName", "real"}, {"User", "root"}, {"Port", "2222"}, {"", "IdentityFile=" + path}};
    const auto s = load_settings(given, env);
    return s ? s->identity_files.front() : "error: " + s.error().message;
  };
  EXPECT_EQ(identity_for("~/%n-%h-%p-%r-%u-%i-%l-%L-%k-%d-%%"),
            "/home/me/alias-real-2222-root-me-1000-here.example.org-here-alias-/home/me-%");
  EXPECT_EQ(identity_for("${KEYS}/id"), "/keys/id");
  EXPECT_EQ(identity_for("~you/id"), "/home/you/id");
  // printf here.example.orgreal2222root | sha1sum
  EXPECT_EQ(identity_for("%C"), "77dd1b31ea98c38dd279c4e67a1fac11d5f31f6a");
  EXPECT_THAT(identity_for("%x"), HasSubstr("error: IdentityFile \"%x\""));
  EXPECT_THAT(identity_for("${UNSET}/x"), HasSubstr("\"UNSET\" is not set"));

  const auto agent_for = [&](const std::vector<given_option>& options) {
    given.options = options;
    return load_settings(given, env)->identity_agent;
  };
  EXPECT_EQ(agent_for({}), "/run/auth");
  EXPECT_EQ(agent_for({{"", "IdentityAgent=SSH_AUTH_SOCK"}}), "/run/auth");
  EXPECT_EQ(agent_for({{"", "IdentityAgent=none"}}), "");
  EXPECT_EQ(agent_for({{"", "IdentityAgent=$MY_AGENT"}}), "/run/mine");
  EXPECT_EQ(agent_for({{"", "IdentityAgent=$UNSET"}}), "");
  EXPECT_EQ(agent_for({{"", "IdentityAgent=${KEYS}/a"}}), "/keys/a");
  EXPECT_EQ(agent_for({{"", "IdentityAgent=~/a-%h"}}), "/home/me/a-alias");
}

TEST(SshConfig, NeedsOneConnectionAttemptWhereItCounts) {
  EXPECT_FALSE(settings_from("ConnectionAttempts 0\nConnectionAttempts 2\n"));
  EXPECT_EQ(settings_from("ConnectionAttempts 2\nConnectionAttempts 0\n")->connection_attempts, 2U);
  EXPECT_TRUE(settings_from("Host other\nConnectionAttempts 0\n"));
}

TEST(SshConfig, RefusesHostsFromEverySourceAndUsersOfTheCommandLine) {
  EXPECT_FALSE(settings_from("HostName -oProxyCommand=id\n"));
  EXPECT_FALSE(settings_from("HostName \"a b\"\n"));
  EXPECT_FALSE(settings_from("HostName $(id)\n"));
  EXPECT_FALSE(settings_from_options({"User=a;id"}));
  EXPECT_EQ(settings_from("User \"o'brien\"\n")->user, "o'brien") << "what is in a file is the user's own";
  EXPECT_EQ(settings_from("User a;id\n")->user, "a;id");
  EXPECT_FALSE(settings_from("User \"a\x1b[2J\"\n")) << "it will be shown";
  EXPECT_FALSE(settings_from("", "-host"));
  EXPECT_FALSE(settings_from("HostName %n\n"));
  EXPECT_EQ(settings_from("", "fe80::1%nosuch")->host_name, "fe80::1%nosuch");
}

TEST(SshConfig, EmptiesForwardingsOnClearAllForwardings) {
  EXPECT_THAT(settings_from("DynamicForward 1\nClearAllForwardings yes\n")->dynamic_forward, IsEmpty());
}

}  // namespace
}  // namespace tunnel::config
