// tunnel -G beside the installed ssh -G: they agree on every keyword that both print.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
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

constexpr std::array<const char*, 6> lists_of_algorithms = {"ciphers",
                                                            "macs",
                                                            "kexalgorithms",
                                                            "hostkeyalgorithms",
                                                            "pubkeyacceptedalgorithms",
                                                            "casignaturealgorithms"};

std::vector<std::string> common(const std::vector<std::string>& from, const std::vector<std::string>& in) {
  std::vector<std::string> kept;
  std::copy_if(from.begin(), from.end(), std::back_inserter(kept),
               [&in](const auto& name) { return std::count(in.begin(), in.end(), name) != 0; });
  return kept;
}

// How many names at the front are not where the program itself would have them: those that the configuration
// put there.
std::size_t placed_first(const std::vector<std::string>& list, const std::vector<std::string>& defaults) {
  const auto place = [&defaults](const std::string& name) {
    return std::find(defaults.begin(), defaults.end(), name);
  };
  std::size_t first = list.size();
  while (first > 0 && place(list[first - 1]) != defaults.end() &&
         (first == list.size() || place(list[first - 1]) < place(list[first])))
    --first;
  return first;
}

// The order that the configuration asks for counts, and behind it which names there are: each program has its
// own order of preference.
std::string in_comparable_order(std::vector<std::string> list, const std::vector<std::string>& defaults) {
  std::sort(list.begin() + static_cast<std::ptrdiff_t>(placed_first(list, defaults)), list.end());
  std::string text;
  for (const std::string& name : list) text += name + ' ';
  return text;
}

// Lists of algorithms: each program has some that the other lacks.
void keep_common_names(std::string& ours, std::string& theirs, const std::string& our_defaults,
                       const std::string& their_defaults) {
  const auto left = split(ours, ',');
  const auto right = split(theirs, ',');
  EXPECT_FALSE(common(left, right).empty()) << ours << " and " << theirs;
  ours = in_comparable_order(common(left, right), split(our_defaults, ','));
  theirs = in_comparable_order(common(right, left), split(their_defaults, ','));
}

// Where the two mean to differ.
void allow_for_differences(bool interval_given, keyword_values& ours, keyword_values& theirs,
                           const keyword_values& our_defaults, const keyword_values& their_defaults) {
  for (const char* keyword : lists_of_algorithms)
    keep_common_names(ours.at(keyword).front(), theirs.at(keyword).front(), our_defaults.at(keyword).front(),
                      their_defaults.at(keyword).front());
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
    {"", {"-o", "User=x", "-l", "me", "-o", "Port=23", "-p", "24", "host"}},
    {"", {"-l", "me", "-o", "User=x", "-p", "https", "-o", "Port=23", "host"}},
    {"", {"you@host", "-l", "me", "-p", "23", "-o", "BatchMode=yes", "-o", "ServerAliveInterval=300"}},
    {"", {"ssh://you@host:22", "-o", "User=me", "-o", "Port=23"}},
    {"IdentityFile /dev/null\n", {"-o", "IdentityFile=/etc/hosts", "-i", "/dev/null", "host"}},
    {"IdentityFile a\n", {"-i", "/dev/null", "-i", "/dev/null", "-o", "IdentityFile=a", "host"}},
    {"", {"-i", "/no/such/file", "host"}},
    {"", {"-i", "~/no-such-file", "-l", "me", "host"}},
    {"LogLevel ERROR\n", {"-N", "-f", "-v", "host"}},
    {"", {"-vvv", "-o", "LogLevel=ERROR", "host"}},
    {"UpdateHostKeys ask\n", {"-q", "host"}},
    {"DynamicForward 1080\n", {"-D", "1080", "-D", "127.0.0.1:1081", "-D", ":1082", "host"}},
    {"", {"-J", "[localhost]:41001,a", "host"}},
    {"", {"-J", "a,[localhost]:41001", "host"}},
    {"Include conf.d/*\nPort 23\n"},
    {"Match exec \"printf 'a.b' | grep -q 'a\\\\.b'\"\n Port 23\n"},
    {"UserKnownHostsFile ~/.ssh/known_hosts\n"},
    {"User \"o'brien\"\nLogLevel SILENT\nDynamicForward socks\nIdentityFile ${NO_SUCH_VARIABLE}\n"},
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
    {"Ciphers ^aes256-ctr,aes128-ctr\nMACs ^hmac-sha2-512,hmac-sha2-256\n"},
    {"HostKeyAlgorithms ^rsa-sha2-256,ssh-ed25519\nPubkeyAcceptedAlgorithms ^rsa-sha2-256\n"},
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
    const auto names_interval = [](const std::string& text) {
      return text.find("ServerAliveInterval") != std::string::npos;
    };
    const bool interval_given = names_interval(given.file) ||
                                std::any_of(given.arguments.begin(), given.arguments.end(), names_interval);
    allow_for_differences(interval_given, left, right, our_defaults_, their_defaults_);
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
  const keyword_values our_defaults_ =
      values_in(run({.arguments = {tunnel_binary(), "-G", "-F", "none", "host"}}).output);
  const keyword_values their_defaults_ =
      values_in(run({.arguments = {"ssh", "-G", "-F", "none", "host"}}).output);
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
