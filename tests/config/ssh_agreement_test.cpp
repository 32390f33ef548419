// Compares with the installed ssh: `ssh -G` prints what it makes of a configuration, without connecting.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "config/chosen_algorithms.hpp"
#include "config/keywords.hpp"
#include "config/ssh_config.hpp"
#include "support.hpp"

namespace tunnel::config {
namespace {

std::string flag(bool value) {
  return value ? "yes" : "no";
}

std::string name_of(host_key_checking value) {
  switch (value) {
    case host_key_checking::ask:
      return "ask";
    case host_key_checking::yes:
      return "true";
    case host_key_checking::no:
      return "false";
    case host_key_checking::accept_new:
      return "accept-new";
  }
  return {};
}

std::string name_of(address_family value) {
  if (value == address_family::any) return "any";
  return value == address_family::inet ? "inet" : "inet6";
}

std::string listing_of(const forward_spec& spec) {
  if (!spec.socket_path.empty()) return spec.socket_path;
  return (spec.bind_address ? '[' + *spec.bind_address + "]:" : std::string()) + std::to_string(spec.port);
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream stream(list);
  for (std::string name; std::getline(stream, name, ',');) names.push_back(name);
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ",") + name;
  return list;
}

// The lines of `ssh -G` that this program has an opinion on.
std::multimap<std::string, std::string> listing_of(const settings& s) {
  std::multimap<std::string, std::string> lines = {
      {"user", s.user},
      {"hostname", s.host_name},
      {"port", std::to_string(s.port)},
      {"addressfamily", name_of(s.address_family)},
      {"batchmode", flag(s.batch_mode)},
      {"connectionattempts", std::to_string(s.connection_attempts)},
      {"connecttimeout", s.connect_timeout ? std::to_string(s.connect_timeout->count()) : "none"},
      {"gatewayports", flag(s.gateway_ports)},
      {"hashknownhosts", flag(s.hash_known_hosts)},
      {"kbdinteractiveauthentication", flag(s.kbd_interactive_authentication)},
      {"passwordauthentication", flag(s.password_authentication)},
      {"pubkeyauthentication", s.pubkey_authentication ? "true" : "false"},
      {"numberofpasswordprompts", std::to_string(s.number_of_password_prompts)},
      {"serveralivecountmax", std::to_string(s.server_alive_count_max)},
      {"stricthostkeychecking", name_of(s.strict_host_key_checking)},
      {"tcpkeepalive", flag(s.tcp_keep_alive)},
      {"rekeylimit", std::to_string(s.rekey_octets.value_or(0)) + ' ' +
                         std::to_string(s.rekey_time.value_or(std::chrono::seconds(0)).count())},
      {"requiredrsasize", std::to_string(s.required_rsa_size.value_or(1024))},
  };
  if (s.host_key_alias) lines.emplace("hostkeyalias", *s.host_key_alias);
  for (const forward_spec& spec : s.dynamic_forward) lines.emplace("dynamicforward", listing_of(spec));
  return lines;
}

std::multimap<std::string, std::string> listing_of_ssh(const std::string& text) {
  std::multimap<std::string, std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    const std::size_t space = std::min(line.find(' '), line.size());
    lines.emplace(line.substr(0, space), line.substr(std::min(space + 1, line.size())));
  }
  return lines;
}

// An engine with ssh's own lists, as the installed ssh has them, but for a few algorithms of each kind: as
// many as make a list that differs from all that ssh has.
class engine_like_ssh {
 public:
  engine_like_ssh() {
    const auto defaults = listing_of_ssh(output_of("ssh -F none -G host").value_or(""));
    for (const auto& [line, query] : queries()) {
      kinds_[line] = {.defaults = without(split(defaults.find(line)->second)), .further = {}};
      for (const std::string& name : without(lines_of(output_of("ssh -Q " + query).value_or("")))) {
        if (std::ranges::count(kinds_[line].defaults, name) == 0) kinds_[line].further.push_back(name);
      }
    }
  }

  [[nodiscard]] engine_algorithms algorithms() const {
    return {.kex = stock("kexalgorithms"),
            .host_key = stock("hostkeyalgorithms"),
            .cipher = stock("ciphers"),
            .mac = stock("macs"),
            .public_key = stock("pubkeyacceptedalgorithms"),
            .ca_signature = stock("casignaturealgorithms")};
  }

  // ssh's list as it would be had it no more than this engine.
  [[nodiscard]] static std::string filtered(const std::string& list) { return joined(without(split(list))); }

 private:
  struct kind {
    std::vector<std::string> defaults;
    std::vector<std::string> further;
  };

  static const std::map<std::string, std::string>& queries() {
    static const std::map<std::string, std::string> each = {
        {"kexalgorithms", "kex"},
        {"hostkeyalgorithms", "HostKeyAlgorithms"},
        {"ciphers", "cipher"},
        {"macs", "mac"},
        {"pubkeyacceptedalgorithms", "PubkeyAcceptedAlgorithms"},
        {"casignaturealgorithms", "sig"}};
    return each;
  }

  static std::vector<std::string> lines_of(std::string text) {
    std::ranges::replace(text, '\n', ',');
    return split(text);
  }

  static std::vector<std::string> without(const std::vector<std::string>& names) {
    static const std::vector<std::string> missing = {"aes128-cbc",
                                                     "aes192-ctr",
                                                     "umac-64@openssh.com",
                                                     "hmac-md5",
                                                     "sntrup761x25519-sha512",
                                                     "sntrup761x25519-sha512@openssh.com",
                                                     "diffie-hellman-group1-sha1",
                                                     "ssh-dss",
                                                     "sk-ssh-ed25519@openssh.com"};
    std::vector<std::string> left;
    for (const std::string& name : names) {
      if (std::ranges::count(missing, name) == 0) left.push_back(name);
    }
    return left;
  }

  [[nodiscard]] algorithm_stock stock(const std::string& line) const {
    const kind& found = kinds_.at(line);
    return {.defaults = {found.defaults.begin(), found.defaults.end()},
            .further = {found.further.begin(), found.further.end()}};
  }

  std::map<std::string, kind> kinds_;
};

std::map<std::string, std::string> listing_of(const chosen_algorithms& chosen) {
  return {{"kexalgorithms", joined(chosen.kex)},
          {"hostkeyalgorithms", joined(chosen.host_key)},
          {"ciphers", joined(chosen.cipher)},
          {"macs", joined(chosen.mac)},
          {"pubkeyacceptedalgorithms", joined(chosen.public_key)},
          {"casignaturealgorithms", joined(chosen.ca_signature)}};
}

class SshAgreement : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(output_of("ssh -F none -G host")) << "ssh must be installed"; }

  // Both refuse, or both see the same.
  void compare(const std::string& text, const std::string& host) const {
    SCOPED_TRACE(host + " with:\n" + text);
    const std::string file = folder_.write("config", text);
    const auto theirs = output_of("ssh -G -F " + file + " -- " + host);
    command_line given;
    given.target.host = host;
    given.file = file;
    const auto ours = load_settings(given, system_environment().value());
    ASSERT_EQ(ours.has_value(), theirs.has_value()) << (ours ? "" : ours.error().message);
    if (!ours) return;
    const auto expected = listing_of_ssh(*theirs);
    const auto seen = listing_of(*ours);
    for (const auto& [name, value] : seen) {
      const auto [begin, end] = expected.equal_range(name);
      const bool found = std::any_of(begin, end, [&](const auto& line) { return line.second == value; });
      EXPECT_TRUE(found) << name << ' ' << value << "; ssh has "
                         << (begin == end ? "nothing" : begin->second);
    }
    compare_algorithms(*ours, expected);
    EXPECT_EQ(seen.count("dynamicforward"), expected.count("dynamicforward"));
    EXPECT_EQ(seen.count("hostkeyalias"), expected.count("hostkeyalias"));
  }

 private:
  void compare_algorithms(settings ours, const std::multimap<std::string, std::string>& theirs) const {
    const auto chosen = choose_algorithms(ours, engine_.algorithms());
    ASSERT_TRUE(chosen) << chosen.error().message;
    for (const auto& [name, list] : listing_of(*chosen)) {
      ASSERT_EQ(theirs.count(name), 1U) << name;
      EXPECT_EQ(list, engine_like_ssh::filtered(theirs.find(name)->second)) << name;
    }
  }

  support::temporary_folder folder_;
  engine_like_ssh engine_;
};

TEST_F(SshAgreement, OnLinesAndQuotes) {
  for (const std::string text : {"Port 23",
                                 "Port=23",
                                 "Port = 23",
                                 "Port==23",
                                 "port\t23  \r\n",
                                 "\"Port\" 23",
                                 "User \"a b\"",
                                 "User 'a b'",
                                 "User a\\ b",
                                 "HostKeyAlias \"a\\\"b\"",
                                 "User \"a",
                                 "User a b",
                                 "User a # b",
                                 "User a#b",
                                 "User \"\"",
                                 "User",
                                 "User=",
                                 "  User\tx  ",
                                 "# only\n\n  # comments\n",
                                 "Port 23\nPort 24\n",
                                 "User a\f",
                                 "Host",
                                 "Host #",
                                 "= x"})
    compare(text, "host");
}

TEST_F(SshAgreement, OnHostPatterns) {
  const std::string text =
      "Host a b\n User ab\nHost *.example !no.example\n User ex\n Port 23\nHost 10.0.?.1\n User ip\n"
      "Host !*.test x.test\n User never\nHost *\n Port 24\n";
  for (const std::string host :
       {"a", "b", "A", "x.example", "no.example", "10.0.1.1", "10.0.11.1", "x.test", "other"})
    compare(text, host);
}

TEST_F(SshAgreement, OnMatchBlocks) {
  const std::string text =
      "Host alias\n HostName %h.example.org\n User dba\nMatch host *.example.org\n Port 23\n"
      "Match originalhost alias user dba\n BatchMode yes\nMatch !host *.org user *,!nobody\n Port 24\n"
      "Match user nobody\n Port 25\nMatch all\n ServerAliveCountMax 5\n";
  for (const std::string host : {"alias", "other", "x.example.org", "X.EXAMPLE.ORG"}) compare(text, host);
  for (const std::string bad :
       {"Match", "Match host", "Match bananas x", "Match all user x", "Match user x all"})
    compare(bad, "host");
}

TEST_F(SshAgreement, OnValues) {
  for (const std::string text : {"ConnectTimeout 1h30m",
                                 "ConnectTimeout none",
                                 "ConnectTimeout -1",
                                 "ConnectTimeout 5x",
                                 "ConnectTimeout none\nConnectTimeout 7",
                                 "ServerAliveCountMax x",
                                 "ServerAliveCountMax -1",
                                 "Port 0",
                                 "Port 65535",
                                 "Port 65536",
                                 "StrictHostKeyChecking off",
                                 "StrictHostKeyChecking accept-new",
                                 "StrictHostKeyChecking TRUE",
                                 "StrictHostKeyChecking maybe",
                                 "AddressFamily inet6",
                                 "AddressFamily INET",
                                 "AddressFamily ipv4",
                                 "BatchMode yes",
                                 "BatchMode 1",
                                 "LogLevel debug",
                                 "LogLevel loud",
                                 "TCPKeepAlive no",
                                 "KeepAlive no",
                                 "ChallengeResponseAuthentication no",
                                 "PubkeyAuthentication no",
                                 "PubkeyAuthentication ask",
                                 "DSAAuthentication no",
                                 "GatewayPorts yes",
                                 "GatewayPorts clientspecified",
                                 "ConnectionAttempts 3",
                                 "UserKnownHostsFile a none",
                                 "UserKnownHostsFile a b",
                                 "HostKeyAlias X",
                                 "HostName 127.1",
                                 "HostName ::0001",
                                 "HostName %h.org",
                                 "HostName UPPER",
                                 "Bananas 1",
                                 "IgnoreUnknown B*\nBananas 1",
                                 "Bananas 1\nIgnoreUnknown B*",
                                 "Host other\nPort x",
                                 "NumberOfPasswordPrompts 0"})
    compare(text, "host");
}

TEST_F(SshAgreement, OnAlgorithms) {
  for (const std::string text : {"Ciphers aes256-ctr,aes128-ctr",
                                 "Ciphers aes256-ctr,aes128-cbc,aes256-ctr",
                                 "Ciphers +aes256-cbc,aes128-ctr,aes128-cbc",
                                 "Ciphers -aes*",
                                 "Ciphers -aes128-ctr,*gcm*,bananas",
                                 "Ciphers -*,!aes256-ctr",
                                 "Ciphers -",
                                 "Ciphers ^aes256-ctr,aes256-cbc,aes256-ctr",
                                 "Ciphers ,aes256-ctr,",
                                 "Ciphers +",
                                 "Ciphers aes*",
                                 "Ciphers +aes*",
                                 "Ciphers none",
                                 "Ciphers AES128-CTR",
                                 "Ciphers aes128-ctr aes256-ctr",
                                 "Ciphers aes128-ctr\nCiphers aes256-ctr",
                                 "Host other\nCiphers bananas",
                                 "MACs hmac-sha2-512,umac-64@openssh.com",
                                 "MACs +hmac-md5,hmac-md5-96",
                                 "MACs -*-etm@openssh.com",
                                 "MACs ^hmac-sha1",
                                 "MACs hmac-sha3",
                                 "KexAlgorithms ecdh-sha2-nistp256",
                                 "KexAlgorithms +diffie-hellman-group14-sha1",
                                 "KexAlgorithms -ecdh-*,diffie-*",
                                 "KexAlgorithms ^diffie-hellman-group16-sha512,ecdh-sha2-nistp384",
                                 "KexAlgorithms curve25519",
                                 "HostKeyAlgorithms ssh-ed25519",
                                 "HostKeyAlgorithms ssh-*",
                                 "HostKeyAlgorithms ecdsa-*,ssh-ed25519*,rsa-sha2-512",
                                 "HostKeyAlgorithms +ssh-rsa",
                                 "HostKeyAlgorithms +ssh-*",
                                 "HostKeyAlgorithms -*-cert-*",
                                 "HostKeyAlgorithms -rsa-*,!rsa-sha2-512",
                                 "HostKeyAlgorithms ^rsa-sha2-*",
                                 "HostKeyAlgorithms !ssh-rsa",
                                 "HostKeyAlgorithms ssh-foo*",
                                 "HostKeyAlgorithms ssh-rsa,bananas",
                                 "PubkeyAcceptedAlgorithms *",
                                 "PubkeyAcceptedKeyTypes ^ecdsa-sha2-nistp521",
                                 "PubkeyAcceptedAlgorithms -ecdsa*",
                                 "HostbasedAcceptedAlgorithms ssh-rsa",
                                 "CASignatureAlgorithms rsa-sha2-512,ssh-ed25519",
                                 "CASignatureAlgorithms +ssh-rsa",
                                 "CASignatureAlgorithms ssh-*",
                                 "CASignatureAlgorithms -ecdsa-*",
                                 "RequiredRSASize 2048",
                                 "RequiredRSASize 0",
                                 "RequiredRSASize x",
                                 "RequiredRSASize -1",
                                 "Compression yes",
                                 "Compression no"})
    compare(text, "host");
}

TEST_F(SshAgreement, OnRekeyLimits) {
  for (const std::string limit : {"1G",
                                  "1.5G 1h",
                                  ".5m none",
                                  "100b",
                                  "0",
                                  "default 10m",
                                  "default none",
                                  "16",
                                  "15",
                                  "-1",
                                  "1GB",
                                  "none",
                                  "Default",
                                  "1T",
                                  "1G 1h x",
                                  "1G soon",
                                  "1G \"\"",
                                  "\"\"",
                                  "",
                                  "1G 0",
                                  "1G\nRekeyLimit 2G 1h",
                                  "default 1h\nRekeyLimit 2G 2h",
                                  "1.999999K",
                                  "1.9",
                                  "8388608T"})
    compare("RekeyLimit " + limit, "host");
}

TEST_F(SshAgreement, OnForwardings) {
  for (const std::string spec :
       {"1080", "127.0.0.1:1080", "[::1]:1080", "*:1080", "localhost:1080", "65536", "x", "a:b:c", "[::1]",
        "[::1", "::1:1080", "/tmp/socket", "1080\nDynamicForward 1080\nDynamicForward 1081"})
    compare("DynamicForward " + spec, "host");
}

TEST_F(SshAgreement, OnEveryKeywordThatItPrints) {
  std::istringstream printed(output_of("ssh -F none -G host").value_or(""));
  std::size_t seen = 0;
  for (std::string line; std::getline(printed, line); ++seen) {
    const auto name = line.substr(0, line.find(' '));
    EXPECT_NE(find_keyword(name), nullptr) << name;
  }
  EXPECT_GT(seen, 50U);
}

}  // namespace
}  // namespace tunnel::config
