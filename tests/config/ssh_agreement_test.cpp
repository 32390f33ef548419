#include "ssh_agreement.hpp"

#include <cstdlib>
#include <sstream>

#include "config/keywords.hpp"

namespace tunnel::config {
namespace {

TEST_F(SshAgreement, OnLinesAndQuotes) {
  for (const std::string text : {"Port 23",
                                 "Port=23",
                                 "Port = 23",
                                 "Port==23",
                                 "port\t23  \r\n",
                                 "\"Port\" 23",
                                 "\"Port\"=23",
                                 "Po\"rt\" 23",
                                 "Port\"\" 23",
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
  for (const std::string criteria : {"user a\\b",
                                     "user a\\\\b",
                                     "user \"a\\\\b\"",
                                     "user \"a\\b\"",
                                     "user a\\\\\\\\b",
                                     "user 'a\\b'",
                                     "user a\\ b",
                                     "host=host",
                                     "host =host",
                                     "host= host",
                                     "host = host",
                                     "host == host",
                                     "host ho\"st\"",
                                     "host \"host\"user \"*\"",
                                     "host \"host\"=x",
                                     "\"host\" host",
                                     "ho\"st\" host",
                                     "host ho=st",
                                     "user \"\"",
                                     "host 'host'",
                                     "host host # user nobody",
                                     "host host #user nobody",
                                     "host host# user *",
                                     "host # host",
                                     "# all",
                                     "all # x",
                                     "all=",
                                     "all=x",
                                     "all all",
                                     "user * all #",
                                     "!all"})
    compare("User a\\\\b\nMatch " + criteria + "\n Port 23\n", "host");
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
                                 "Port https",
                                 "Port no-such-service",
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
                                 "LogLevel SILENT",
                                 "LogLevel quiet",
                                 "LogLevel QUIET\nUpdateHostKeys ask",
                                 "LogLevel INFO\nUpdateHostKeys ask",
                                 "TCPKeepAlive no",
                                 "KeepAlive no",
                                 "ChallengeResponseAuthentication no",
                                 "PubkeyAuthentication no",
                                 "PubkeyAuthentication ask",
                                 "DSAAuthentication no",
                                 "GatewayPorts yes",
                                 "GatewayPorts clientspecified",
                                 "ConnectionAttempts 3",
                                 "ConnectionAttempts 0",
                                 "ConnectionAttempts 2\nConnectionAttempts 0",
                                 "Host other\nConnectionAttempts 0",
                                 "ServerAliveInterval none\nServerAliveInterval 30",
                                 "ServerAliveInterval 0\nServerAliveInterval 30",
                                 "User \"o'brien\"",
                                 "User a(b)",
                                 "User a;b",
                                 "User a\\\\",
                                 "User ${HOME}",
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
  ::setenv("TUNNEL_TEST_PORT", "1080", 1);
  for (const std::string spec : {"1080",
                                 "127.0.0.1:1080",
                                 "[::1]:1080",
                                 "*:1080",
                                 "localhost:1080",
                                 "65536",
                                 "x",
                                 "a:b:c",
                                 "[::1]",
                                 "[::1",
                                 "::1:1080",
                                 "/tmp/socket",
                                 "1080\nDynamicForward 1080\nDynamicForward 1081",
                                 ":1080",
                                 "[]:1080",
                                 "socks",
                                 "localhost:socks",
                                 "127.0.0.1/1080",
                                 "::1/1080",
                                 "*/1080",
                                 "[1080]",
                                 "[a/b]",
                                 "[a/b]:1080",
                                 "' 1080'",
                                 "a\\\\:b:1080",
                                 "\"${TUNNEL_TEST_PORT}\"",
                                 "localhost:${NO_SUCH_VARIABLE}",
                                 "${HOME}/x",
                                 "[::1]x:1080"})
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
