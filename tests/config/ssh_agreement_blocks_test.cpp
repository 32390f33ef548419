// Match and the second reading, compared with the installed ssh.

#include <filesystem>

#include "ssh_agreement.hpp"

namespace tunnel::config {
namespace {

TEST_F(SshAgreement, OnFinalAndCanonicalBlocks) {
  for (const std::string text : {
           "Match final\n Port 23",
           "Match !final\n Port 23\nMatch final\n Port 24\n User x",
           "Match canonical\n Port 23",
           "Match !canonical\n Port 23",
           "Match final\n HostName other\n Port 23",
           "HostName real\nMatch final host real\n Port 23\nMatch host real\n User x",
           "Match host real\n User x\nHost host\n HostName real\nMatch final all\n Port 23",
           "Host real\n Port 23\nHost host\n HostName real\nMatch final\n User x",
           "Host real\n Port 23\nHost host\n HostName real\nMatch canonical\n User x",
           "HostName %h.%h\nMatch final\n Port 23\nHost host.host\n User x",
           "IdentityFile a\nMatch final\n IdentityFile a\n IdentityFile b",
           "DynamicForward 1080\nMatch final\n DynamicForward 1080\n DynamicForward 1081",
           "Match host other final\n Port 23\nMatch canonical\n Port 24",
           "Match final canonical\n Port 23",
           "Match final canonical all\n Port 23",
           "Match all final\n Port 23",
           "Match final user root\n Port 23\nMatch final !user root\n Port 24",
           "UserKnownHostsFile ~/%k\nMatch final\n HostKeyAlias x",
       })
    compare(text);
  compare("Match final\n Port 23\nHost fe80::1*\n User x", "fe80::1");
  compare("Match final host 127.0.0.1\n Port 23", "127.1");
  compare("Match final originalhost UPPER\n Port 23\nMatch final host upper\n User x", "UPPER");
}

TEST_F(SshAgreement, OnCanonicalHostNames) {
  const std::string looked_up = "CanonicalizeHostname yes\nMatch canonical\n Port 23\nHost host\n User x\n";
  compare(looked_up, "host");
  compare(looked_up + "CanonicalizeFallbackLocal no\n", "host");
  compare(looked_up + "CanonicalizeMaxDots 0\nCanonicalizeFallbackLocal no\n", "a.b");
  compare(looked_up + "CanonicalDomains none\n", "host");
  compare(looked_up + "CanonicalizeMaxDots 0\nCanonicalDomains a.invalid\n", "a.b");
  compare(looked_up + "ProxyJump j\nCanonicalDomains a.invalid\nCanonicalizeFallbackLocal no\n", "host");
  compare(looked_up + "ProxyCommand c\nCanonicalDomains a.invalid\nCanonicalizeFallbackLocal no\n", "host");
  compare("CanonicalizeHostname no\nMatch canonical\n Port 23", "host");
  // Known to every machine without a name server.
  compare("CanonicalizeHostname yes\nCanonicalizePermittedCNAMEs *:*\nCanonicalizeMaxDots 0\n", "localhost");
}

TEST_F(SshAgreement, OnCommands) {
  for (const std::string text : {
           "Match exec true\n Port 23",
           "Match exec false\n Port 23",
           "Match !exec false\n Port 23",
           "Match exec \"exit 3\"\n Port 23",
           "Match exec=true\n Port 23",
           "Match exec \"test %h = host -a %n = host -a %p = 22\"\n Port 23",
           "HostName real\nUser me\nMatch exec \"test %h-%n-%r = real-host-me\"\n Port 23",
           "HostName real\nMatch exec \"test %k = real\"\n Port 23",
           "HostName real\nHostKeyAlias x\nMatch exec \"test %k = x\"\n Port 23",
           "Match exec \"test %u-%i = `id -un`-`id -u`\"\n Port 23",
           "Match exec \"test %l-%L = `uname -n`-`uname -n | cut -d. -f1`\"\n Port 23",
           "Match exec \"test %% = '%%'\"\n Port 23",
           "Match exec %x\n Port 23",
           "Match host other exec %x\n Port 23",
           "Match exec \"kill $$\"\n Port 23",
           "Match exec \"cat\"\n Port 23",
           "Match exec\n Port 23",
           "Match host host exec true user root\n Port 23\nMatch exec false all\n User x",
           "Match final exec \"test %h = real\"\n Port 23\nHost *\n HostName real",
           "Match exec /no/such/program\n Port 23",
           "Match exec \"printf 'a.b' | grep -q 'a\\\\.b'\"\n Port 23",
           "Match exec \"printf 'a.b' | grep -q 'a\\.b'\"\n Port 23",
           "Match exec \"test 'a\\\\b' = 'a\\\\b'\"\n Port 23",
           "Match exec \"test \\\"x\\\" = x\"\n Port 23",
           "Match exec 'test x = x'\n Port 23",
           "Match exec \"test 'x'=='x'\"\n Port 23",
           "Match exec \"true # x\"\n Port 23",
       })
    compare(text);
}

TEST_F(SshAgreement, RunsCommandsOnlyWhereTheyMatter) {
  const std::string mark = path("mark");
  compare("Match host other exec \"touch " + mark + "\"\n Port 23\n");
  EXPECT_FALSE(std::filesystem::exists(mark));
  compare("Match host host exec \"touch " + mark + "\"\n Port 23\n");
  EXPECT_TRUE(std::filesystem::exists(mark));
}

}  // namespace
}  // namespace tunnel::config
