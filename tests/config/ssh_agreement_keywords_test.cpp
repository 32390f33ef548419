// Each keyword's values, compared with the installed ssh.

#include <filesystem>

#include "ssh_agreement.hpp"

namespace tunnel::config {
namespace {

TEST_F(SshAgreement, OnJumpHostsAndProxyCommands) {
  for (const std::string text : {"ProxyJump a",
                                 "ProxyJump a,b@c:23,[::1]:24",
                                 "ProxyJump ssh://u@a:33",
                                 "ProxyJump ssh://u%40x@a",
                                 "ProxyJump none",
                                 "ProxyJump NONE",
                                 "ProxyJump a,none",
                                 "ProxyJump a # b",
                                 "ProxyJump a b",
                                 "ProxyJump a,,b",
                                 "ProxyJump ,",
                                 "ProxyJump a,",
                                 "ProxyJump ::1",
                                 "ProxyJump a:b",
                                 "ProxyJump a:0",
                                 "ProxyJump a:",
                                 "ProxyJump u@",
                                 "ProxyJump",
                                 "ProxyJump %r@%h.x:22",
                                 "ProxyJump [a]:22",
                                 "ProxyJump [a],b",
                                 "ProxyJump ==a",
                                 "ProxyJump 192.0.2.1",
                                 "ProxyJump me@192.0.2.1:22",
                                 "ProxyJump [::1]:22,c",
                                 "ProxyJump ssh://a@b:22,c",
                                 "ProxyJump a,ssh://u%40x@b:23",
                                 "ProxyJump a:ssh",
                                 "ProxyJump ssh://a:https",
                                 "ProxyJump a:no-such-service",
                                 "ProxyJump a,b#c",
                                 "ProxyJump a\nProxyJump b",
                                 "ProxyJump a\nProxyCommand b",
                                 "ProxyCommand b\nProxyJump a",
                                 "ProxyJump none\nProxyCommand b",
                                 "ProxyCommand none\nProxyJump a",
                                 "Host other\nProxyJump a\nHost host\nProxyCommand b",
                                 "Host other\nProxyJump a:b",
                                 "ProxyCommand nc \"%h\" %p # all of it",
                                 "ProxyCommand = = x",
                                 "ProxyCommand None",
                                 "ProxyCommand \"a",
                                 "ProxyCommand"})
    compare(text);
}

TEST_F(SshAgreement, OnCanonicalization) {
  for (const std::string text : {"CanonicalDomains a.b. x_y A.B",
                                 "CanonicalDomains _a",
                                 "CanonicalDomains a..b",
                                 "CanonicalDomains .",
                                 "CanonicalDomains a,b",
                                 "CanonicalDomains none",
                                 "CanonicalDomains a none",
                                 "CanonicalDomains none a",
                                 "CanonicalDomains",
                                 "CanonicalDomains \"\"",
                                 "CanonicalDomains a\nCanonicalDomains b",
                                 "CanonicalDomains none\nCanonicalDomains b",
                                 "CanonicalizePermittedCNAMEs none",
                                 "CanonicalizePermittedCNAMEs a",
                                 "CanonicalizePermittedCNAMEs a:",
                                 "CanonicalizePermittedCNAMEs a:b none",
                                 "CanonicalizePermittedCNAMEs",
                                 "CanonicalizeMaxDots 3",
                                 "CanonicalizeMaxDots -1",
                                 "CanonicalizeHostname maybe",
                                 "CanonicalizeFallbackLocal no"})
    compare(text);
  for (const std::string rules : {"*", "A:B", ":a", "*.a:*.b,*.c *.d:e", "a:b:c"})
    compare("CanonicalizePermittedCNAMEs " + rules, "localhost");
}

TEST_F(SshAgreement, OnTheConnection) {
  for (const std::string text : {"IPQoS af11",
                                 "IPQoS 0x10 cs1",
                                 "IPQoS none",
                                 "IPQoS ef none",
                                 "IPQoS 0",
                                 "IPQoS 0xff",
                                 "IPQoS 256",
                                 "IPQoS LE",
                                 "IPQoS 010",
                                 "IPQoS 08",
                                 "IPQoS 1 2 3",
                                 "IPQoS",
                                 "IPQoS 1 \"\"",
                                 "BindAddress ::1",
                                 "BindAddress x y",
                                 "BindInterface lo",
                                 "TCPKeepAlive yes",
                                 "ConnectTimeout 0",
                                 "BindAddress \"\"",
                                 "ConnectionAttempts 0",
                                 "ConnectionAttempts x",
                                 "ServerAliveInterval 0",
                                 "ServerAliveInterval 1m\nServerAliveCountMax 5",
                                 "ServerAliveInterval x"})
    compare(text);
}

TEST_F(SshAgreement, OnIdentities) {
  for (const std::string text : {"IdentityFile ~/a\nIdentityFile b%h\nIdentityFile ~/a",
                                 "IdentityFile ${NO_SUCH_VARIABLE}/x",
                                 "IdentityFile ~no-such-user/x",
                                 "CertificateFile ${NO_SUCH_VARIABLE}",
                                 "IdentityFile none",
                                 "CertificateFile ~/a\nCertificateFile b%%",
                                 "IdentitiesOnly yes",
                                 "IdentityAgent none",
                                 "IdentityAgent SSH_AUTH_SOCK",
                                 "IdentityAgent $NO_SUCH_VARIABLE",
                                 "IdentityAgent ${HOME}/%h",
                                 "IdentityAgent ~/%r-%p",
                                 "IdentityAgent %x",
                                 "AddKeysToAgent yes",
                                 "AddKeysToAgent no",
                                 "AddKeysToAgent ask",
                                 "AddKeysToAgent confirm",
                                 "AddKeysToAgent confirm 1h",
                                 "AddKeysToAgent CONFIRM 0",
                                 "AddKeysToAgent 30m",
                                 "AddKeysToAgent 0",
                                 "AddKeysToAgent yes 1h",
                                 "AddKeysToAgent ask 1h",
                                 "AddKeysToAgent confirm x",
                                 "AddKeysToAgent confirm 1h x",
                                 "AddKeysToAgent x",
                                 "AddKeysToAgent",
                                 "PubkeyAuthentication unbound",
                                 "PubkeyAuthentication host-bound",
                                 "PasswordAuthentication no\nKbdInteractiveAuthentication no",
                                 "PreferredAuthentications publickey,password",
                                 "PreferredAuthentications bananas"})
    compare(text);
}

TEST_F(SshAgreement, OnHostKeys) {
  for (const std::string text : {"KnownHostsCommand /bin/x  %h # y",
                                 "KnownHostsCommand none",
                                 "KnownHostsCommand x",
                                 "KnownHostsCommand",
                                 "RevokedHostKeys ~/x",
                                 "RevokedHostKeys none",
                                 "RevokedHostKeys ${NO_SUCH_VARIABLE}",
                                 "RevokedHostKeys a b",
                                 "CheckHostIP yes",
                                 "NoHostAuthenticationForLocalhost yes",
                                 "VisualHostKey yes",
                                 "UpdateHostKeys ask",
                                 "UpdateHostKeys no",
                                 "UpdateHostKeys off",
                                 "UserKnownHostsFile x",
                                 "UserKnownHostsFile x\nUpdateHostKeys yes",
                                 "UserKnownHostsFile ~/.ssh/known_hosts",
                                 "UserKnownHostsFile ~/.ssh/known_hosts2",
                                 "UserKnownHostsFile ~/.ssh/known_hosts ~/.ssh/known_hosts2",
                                 "UserKnownHostsFile ~/.ssh/known_hosts\nVerifyHostKeyDNS ask",
                                 "UserKnownHostsFile %d/.ssh/known_hosts",
                                 "UserKnownHostsFile none",
                                 "UserKnownHostsFile ~/%h-%k-%n ${HOME}/x",
                                 "UserKnownHostsFile ${NO_SUCH_VARIABLE}/x",
                                 "GlobalKnownHostsFile none",
                                 "GlobalKnownHostsFile ~/x %h",
                                 "VerifyHostKeyDNS yes",
                                 "VerifyHostKeyDNS ask\nUpdateHostKeys yes",
                                 "VerifyHostKeyDNS maybe",
                                 "HostKeyAlias X\nUserKnownHostsFile %k",
                                 "HashKnownHosts yes"})
    compare(text);
}

TEST_F(SshAgreement, OnTheRest) {
  for (const std::string text :
       {"ControlPath none", "ControlPath ~/.ssh/%C",
        "ControlPath ~/%h-%n-%p-%r\nHostName real\nPort 23\nUser x", "ControlPath ${HOME}/%i-%u-%L-%l-%d",
        "ControlPath %x", "ControlPath ${NO_SUCH_VARIABLE}", "ExitOnForwardFailure yes",
        "ForkAfterAuthentication no", "ForkAfterAuthentication x",
        "ClearAllForwardings yes\nDynamicForward 1080", "LogLevel verbose", "LogLevel DEBUG1",
        "LogLevel DEBUG3", "IgnoreUnknown a,b*", "BatchMode yes\nServerAliveInterval 7", "GatewayPorts yes"})
    compare(text);
}

TEST_F(SshAgreement, OnIncludes) {
  write("one", "Port 23\nHost *\n User x\n");
  write("two", "Match final\n Port 24\n");
  write("three", "Match exec true\n Port 25\n");
  std::filesystem::create_directories(path("folder/two"));
  write("folder/one", "User y\n");
  std::filesystem::create_symlink("nothing", path("folder/three"));
  for (const std::string& text :
       {"Include " + path("one"), "Include " + path("o*") + " " + path("three"),
        "Host other\nInclude " + path("one") + "\nHost host\nUser y", "Include " + path("two"),
        "Host other\n Include " + path("three"), "Include " + path("none*"),
        "Include " + path("one") + "\nUser y", "Include " + path("folder/*"), "Include " + path("folder"),
        "Include " + path("folder/three") + "\nPort 23", std::string("Include ~no-such-user/x")})
    compare(text);
}

}  // namespace
}  // namespace tunnel::config
