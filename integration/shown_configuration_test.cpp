// tunnel -G beside the installed ssh -G: they agree on every keyword that both print.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "support/process.hpp"
#include "support/temp_directory.hpp"
#include "support/tunnel_process.hpp"

namespace tunnel::integration {
namespace {

using keyword_values = std::map<std::string, std::vector<std::string>>;

std::vector<std::string> split(const std::string& text, char between) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, between);) words.push_back(word);
  return words;
}

keyword_values values_in(const std::string& listing) {
  keyword_values values;
  for (const std::string& line : split(listing, '\n')) {
    const std::size_t space = std::min(line.find(' '), line.size());
    values[line.substr(0, space)].push_back(line.substr(std::min(space + 1, line.size())));
  }
  return values;
}

// Lists of algorithms: each program has some that the other lacks, and its own order of preference.
void keep_common_names(std::string& ours, std::string& theirs) {
  const auto left = split(ours, ',');
  const auto right = split(theirs, ',');
  const auto common = [](const std::vector<std::string>& from, const std::vector<std::string>& in) {
    std::set<std::string> kept;
    for (const std::string& name : from) {
      if (std::count(in.begin(), in.end(), name) != 0) kept.insert(name);
    }
    std::string list;
    for (const std::string& name : kept) list += name + ' ';
    return list;
  };
  EXPECT_NE(common(left, right), "") << ours << " and " << theirs;
  const std::string of_ours = common(left, right);
  theirs = common(right, left);
  ours = of_ours;
}

// Where the two mean to differ.
void allow_for_differences(bool interval_given, keyword_values& ours, keyword_values& theirs) {
  for (const char* keyword : {"ciphers", "macs", "kexalgorithms", "hostkeyalgorithms",
                              "pubkeyacceptedalgorithms", "casignaturealgorithms"})
    keep_common_names(ours.at(keyword).front(), theirs.at(keyword).front());
  // A tunnel that is to repair itself looks for signs of life unasked.
  if (!interval_given) ours.erase("serveraliveinterval");
  // Keys of these types are not supported.
  std::erase_if(theirs["identityfile"],
                [](const std::string& file) { return file == "~/.ssh/id_xmss" || file == "~/.ssh/id_dsa"; });
}

struct sample {
  std::string file;
  std::vector<std::string> arguments = {"host"};
};

// Each stands for a person's configuration; blocks beyond the first show that they do not count.
const std::vector<sample> samples = {
    {""},
    {"", {"me@HOST"}},
    {"", {"ssh://me@host:2222"}},
    {"", {"-p", "2222", "-l", "me", "you@host"}},
    {"", {"-4", "-i", "/dev/null", "-D", "1080", "host"}},
    {"", {"-6", "-g", "-b", "::1", "-B", "lo", "host"}},
    {"", {"-o", "Port=23", "-o", "port 24", "-o", "User=x", "host"}},
    {"Port 23\nUser x\n", {"-o", "Port=24", "host"}},
    {"", {"-c", "aes128-ctr", "-m", "hmac-sha2-256", "host"}},
    {"", {"127.1"}},
    {"", {"::0001"}},
    {"Host alias\n  HostName %h.example.org\n  Port 23\nHost *\n  User late\n", {"alias"}},
    {"Host *.example !no.example\n User ex\nHost no.*\n User no\n", {"no.example"}},
    {"Host a b host\n User ab\nHost h?st\n Port 23\n"},
    {"HostName real\nMatch host real\n Port 23\nMatch originalhost host\n User x\n"},
    {"Match user x\n Port 23\nMatch localuser root,nobody\n User x\nMatch user x\n Port 24\n"},
    {"Match exec \"test %h = host\"\n Port 23\nMatch !exec false\n User x\n"},
    {"Match exec \"test -n '%d%u%i%l%L'\" user *\n Port 23\n"},
    {"Match final host real\n Port 23\nHost host\n HostName real\n"},
    {"Match !final\n Port 23\nMatch final\n User x\n"},
    {"Match canonical\n Port 23\nMatch all\n User x\n"},
    {"CanonicalizeHostname yes\nMatch canonical\n Port 23\nHost host\n User x\n"},
    {"CanonicalizeHostname yes\nCanonicalizeMaxDots 0\nCanonicalDomains a.invalid\n", {"x.y"}},
    {"CanonicalizeHostname always\nCanonicalizeFallbackLocal no\nCanonicalizeMaxDots 2\n", {"a.b.c.d"}},
    {"CanonicalDomains one.example two.example\nCanonicalizePermittedCNAMEs none\n"},
    {"AddressFamily inet6\nBindAddress ::1\nBindInterface lo\n"},
    {"IPQoS cs1\nTCPKeepAlive no\n"},
    {"IPQoS 0x20 none\n"},
    {"ConnectTimeout 1m30s\nConnectionAttempts 5\n"},
    {"ServerAliveInterval 30\nServerAliveCountMax 9\n"},
    {"IdentityFile ~/.ssh/%h\nIdentityFile ~/.ssh/other\nIdentitiesOnly yes\n"},
    {"CertificateFile ~/.ssh/a-cert.pub\nIdentityFile none\n"},
    {"IdentityAgent ~/.agent-%r\nUser x\n"},
    {"IdentityAgent $NO_SUCH_VARIABLE\n"},
    {"IdentityAgent none\n"},
    {"AddKeysToAgent yes\n"},
    {"AddKeysToAgent confirm 2h\n"},
    {"AddKeysToAgent 90\n"},
    {"PubkeyAuthentication no\nPreferredAuthentications keyboard-interactive,password\n"},
    {"PasswordAuthentication no\nKbdInteractiveAuthentication no\nPubkeyAuthentication unbound\n"},
    {"ChallengeResponseAuthentication no\nNumberOfPasswordPrompts 1\n"},
    {"BatchMode yes\nServerAliveInterval 300\n"},
    {"StrictHostKeyChecking accept-new\nHashKnownHosts yes\n"},
    {"StrictHostKeyChecking off\nUserKnownHostsFile /dev/null\nGlobalKnownHostsFile /dev/null\n"},
    {"UserKnownHostsFile ~/.ssh/%k ~/.ssh/known_hosts\nHostKeyAlias Alias\n"},
    {"UserKnownHostsFile none\nGlobalKnownHostsFile none\n"},
    {"KnownHostsCommand /usr/bin/keys %H  %t # all\nRevokedHostKeys ~/.ssh/revoked\n"},
    {"CheckHostIP yes\nNoHostAuthenticationForLocalhost yes\nVisualHostKey yes\n"},
    {"UpdateHostKeys ask\n"},
    {"VerifyHostKeyDNS yes\n"},
    {"Ciphers aes256-ctr,aes128-ctr\nMACs hmac-sha2-512\n"},
    {"Ciphers -aes*\nKexAlgorithms +diffie-hellman-group14-sha1\n"},
    {"KexAlgorithms ^ecdh-sha2-nistp384\nHostKeyAlgorithms -rsa-*\n"},
    {"HostKeyAlgorithms ssh-ed25519*,ecdsa-*\nCASignatureAlgorithms ssh-ed25519\n"},
    {"PubkeyAcceptedAlgorithms rsa-sha2-*\nRequiredRSASize 3072\n"},
    {"RekeyLimit 500M 30m\n"},
    {"RekeyLimit default 1h\n"},
    {"ProxyJump jump.example\n"},
    {"ProxyJump me@one:2222,two,[::1]:23\nProxyCommand ignored\n"},
    {"ProxyJump none\nProxyJump later\n"},
    {"ProxyCommand nc -X connect -x proxy:3128 %h %p\nProxyJump ignored\n"},
    {"ProxyCommand none\n"},
    {"DynamicForward 1080\nDynamicForward [::1]:1081\nDynamicForward 1080\nGatewayPorts yes\n"},
    {"DynamicForward 1080\nClearAllForwardings yes\nExitOnForwardFailure yes\n"},
    {"ControlPath ~/.ssh/control-%C\nHostName real\nPort 23\n"},
    {"ControlPath none\nForkAfterAuthentication no\n"},
    {"LogLevel VERBOSE\n"},
    {"LogLevel DEBUG3\nIgnoreUnknown Bananas,X*\nBananas yes\nXyz no\n"},
    {"SendEnv LANG\nForwardAgent yes\nCompression yes\nLocalForward 1 a:2\nGSSAPIAuthentication yes\n"},
    {"Host other\n ProxyJump x\n Port 23\n\nHost *\n # the rest\n User \"x\" # mine\n"},
};

class ShownConfiguration : public testing::Test {
 protected:
  void compare(const sample& given) {
    const auto file = directory_ / "config";
    write_file(file, given.file);
    std::vector<std::string> ours = {tunnel_binary(), "-G", "-F", file.string()};
    std::vector<std::string> theirs = {"ssh", "-G", "-F", file.string()};
    ours.insert(ours.end(), given.arguments.begin(), given.arguments.end());
    theirs.insert(theirs.end(), given.arguments.begin(), given.arguments.end());
    SCOPED_TRACE(given.arguments.back() + " with:\n" + given.file);
    const auto shown = run({.arguments = ours});
    const auto expected = run({.arguments = theirs});
    ASSERT_EQ(shown.exit_code, 0) << shown.errors;
    ASSERT_EQ(expected.exit_code, 0) << expected.errors;
    auto left = values_in(shown.output);
    auto right = values_in(expected.output);
    const bool interval_given = given.file.find("ServerAliveInterval") != std::string::npos;
    allow_for_differences(interval_given, left, right);
    std::size_t compared = 0;
    for (const auto& [keyword, values] : left) {
      if (right.count(keyword) == 0) {
        ADD_FAILURE() << "ssh does not print " << keyword;
        continue;
      }
      EXPECT_EQ(values, right[keyword]) << keyword;
      ++compared;
    }
    EXPECT_GT(compared, 40U);
  }

  temp_directory directory_;
};

TEST_F(ShownConfiguration, IsWhatSshShows) {
  EXPECT_GE(samples.size(), 60U);
  for (const sample& each : samples) compare(each);
}

TEST_F(ShownConfiguration, IsAnErrorWhereItIsOne) {
  const auto file = directory_ / "config";
  write_file(file, "Host *\n  Prot 22\n");
  const auto shown = run({.arguments = {tunnel_binary(), "-G", "-F", file.string(), "host"}});
  EXPECT_EQ(shown.exit_code, 2);
  EXPECT_EQ(shown.output, "");
  EXPECT_THAT(shown.errors, testing::HasSubstr(file.string() + ":2"));
}

}  // namespace
}  // namespace tunnel::integration
