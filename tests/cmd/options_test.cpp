#include "options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tunnel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::variant<options, message> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "tunnel");
  return parse_options(static_cast<int>(arguments.size()), arguments.data(), "tunnel 0.1.0, libssh2 1.10.0");
}

options parsed(const std::vector<const char*>& arguments) {
  auto outcome = parse(arguments);
  if (const auto* end = std::get_if<message>(&outcome)) {
    ADD_FAILURE() << end->text;
    return {};
  }
  return std::get<options>(outcome);
}

// As -o would have it.
std::vector<std::string> texts_of(const std::vector<config::given_option>& options) {
  std::vector<std::string> texts;
  for (const auto& [keyword, value] : options)
    texts.push_back(keyword.empty() ? value : keyword + '=' + value);
  return texts;
}

std::vector<std::string> keywords(const std::vector<const char*>& arguments) {
  return texts_of(parsed(arguments).keywords);
}

// The sentence that is printed instead of running.
std::string refused(const std::vector<const char*>& arguments) {
  const auto outcome = parse(arguments);
  const auto* end = std::get_if<message>(&outcome);
  if (end == nullptr) return "accepted";
  EXPECT_EQ(end->status, 2);
  EXPECT_THAT(end->text, StartsWith("tunnel: "));
  EXPECT_TRUE(end->text.ends_with("\n"));
  return end->text;
}

TEST(Options, ForgetSecretsWhenTold) {
  EXPECT_FALSE(parsed({"host"}).forget_secrets);
  EXPECT_TRUE(parsed({"--forget-secrets", "host"}).forget_secrets);
}

TEST(Options, TakeADestinationAlone) {
  const options given = parsed({"user@host"});
  EXPECT_EQ(given.destination, "user@host");
  EXPECT_TRUE(given.dynamic_forwards.empty());
  EXPECT_TRUE(given.keywords.empty());
  EXPECT_TRUE(given.keywords_behind.empty());
  EXPECT_FALSE(given.config_file);
  EXPECT_EQ(given.verbosity, 0U);
  EXPECT_EQ(given.engine, "native");
  EXPECT_FALSE(given.connections);
}

TEST(Options, KeepRepeatedTextsInOrder) {
  const options given = parsed({"-D", "1080", "-D", "[::1]:0", "-i", "a", "-i", "b", "-o", "Port=1", "-o",
                                "BatchMode yes", "-D*:1081", "host"});
  EXPECT_THAT(given.dynamic_forwards, ElementsAre("1080", "[::1]:0", "*:1081"));
  EXPECT_THAT(texts_of(given.keywords),
              ElementsAre("IdentityFile=a", "IdentityFile=b", "Port=1", "BatchMode yes"));
  EXPECT_EQ(given.destination, "host");
}

TEST(Options, KeepTheOrderOfThoseThatSayTheSame) {
  EXPECT_THAT(keywords({"-o", "User=x", "-l", "me", "-p24", "-oPort=23", "-i", "b", "-o", "IdentityFile=a",
                        "-ic", "host"}),
              ElementsAre("User=x", "User=me", "Port=24", "Port=23", "IdentityFile=b", "IdentityFile=a",
                          "IdentityFile=c"));
  const options given = parsed({"-la", "you@host", "-l", "me", "-4", "-vo", "User=x"});
  EXPECT_THAT(texts_of(given.keywords), ElementsAre("AddressFamily=inet", "LogLevel=DEBUG1", "User=a"));
  EXPECT_THAT(texts_of(given.keywords_behind), ElementsAre("User=me", "User=x"));
}

TEST(Options, TakeJumpHostsAsAKeyword) {
  EXPECT_THAT(keywords({"-J", "a@one:1,two", "host"}), ElementsAre("ProxyJump=a@one:1,two"));
}

TEST(Options, TakeProxiesInOrder) {
  const options given =
      parsed({"--proxy", "http://one", "--proxy=socks5://two", "--proxy-credentials", "file", "host"});
  EXPECT_THAT(given.way.proxies, ElementsAre("http://one", "socks5://two"));
  EXPECT_EQ(given.way.proxy_credentials, "file");
  EXPECT_THAT(refused({"--proxy-credentials", "file", "host"}), HasSubstr("goes with --proxy"));
}

TEST(Options, AboutTlsGoWithTls) {
  const options given = parsed({"--tls", "--tls-server-name", "name", "--tls-ca", "ca", "--tls-cert", "cert",
                                "--tls-key", "key", "--tls-alpn", "ssh", "--tls-alpn", "h2", "host"});
  EXPECT_TRUE(given.way.tls);
  EXPECT_EQ(given.way.tls_server_name, "name");
  EXPECT_EQ(given.way.tls_ca, "ca");
  EXPECT_EQ(given.way.tls_certificate, "cert");
  EXPECT_EQ(given.way.tls_key, "key");
  EXPECT_THAT(given.way.tls_protocols, ElementsAre("ssh", "h2"));
  EXPECT_THAT(refused({"--tls-server-name", "name", "host"}), HasSubstr("go with --tls"));
  EXPECT_THAT(refused({"--tls-ca", "ca", "host"}), HasSubstr("--tls-ca goes with"));
  EXPECT_EQ(parsed({"--proxy", "https://one", "--tls-ca", "ca", "host"}).way.tls_ca, "ca");
  EXPECT_THAT(refused({"--tls", "--tls-key", "key", "host"}), HasSubstr("goes with --tls-cert"));
}

TEST(Options, MayBeRunTogetherAsInSsh) {
  const options given = parsed({"-p2222", "-oBatchMode=yes", "-Nv", "-D1080", "-NvD1081", "-lme", "host"});
  EXPECT_THAT(texts_of(given.keywords),
              ElementsAre("LogLevel=DEBUG2", "Port=2222", "BatchMode=yes", "User=me"));
  EXPECT_THAT(given.dynamic_forwards, ElementsAre("1080", "1081"));
  EXPECT_EQ(given.verbosity, 2U);
}

TEST(Options, MayFollowTheDestination) {
  const options given = parsed({"ssh://me@[::1]:22", "-D", "1080", "-q", "-E", "log", "-F", "none"});
  EXPECT_EQ(given.destination, "ssh://me@[::1]:22");
  EXPECT_THAT(given.dynamic_forwards, ElementsAre("1080"));
  EXPECT_TRUE(given.quiet);
  EXPECT_EQ(given.log_file, "log");
  EXPECT_EQ(given.config_file, "none");
}

TEST(Options, CountVerbosity) {
  EXPECT_EQ(parsed({"-v", "host"}).verbosity, 1U);
  EXPECT_EQ(parsed({"-vvv", "host"}).verbosity, 3U);
  EXPECT_EQ(parsed({"-v", "host", "-vv"}).verbosity, 3U);
}

TEST(Options, TurnLettersIntoKeywordsThatComeFirst) {
  EXPECT_THAT(keywords({"-o", "AddressFamily=any", "-4", "host"}),
              ElementsAre("AddressFamily=inet", "AddressFamily=any"));
  EXPECT_THAT(keywords({"-6", "-g", "--connect-timeout", "5", "host"}),
              ElementsAre("AddressFamily=inet6", "GatewayPorts=yes", "ConnectTimeout=5"));
  EXPECT_THAT(keywords({"-b", "::1", "-B", "a\"\\ b", "host"}),
              ElementsAre("BindAddress=::1", "BindInterface=a\"\\ b"));
  EXPECT_THAT(keywords({"-f", "-q", "host"}), ElementsAre("ForkAfterAuthentication=yes", "LogLevel=QUIET"));
  EXPECT_THAT(keywords({"-vvvv", "host"}), ElementsAre("LogLevel=DEBUG3"));
}

TEST(Options, MayAskForTheConfigurationAlone) {
  EXPECT_TRUE(parsed({"-G", "host"}).show_configuration);
  EXPECT_FALSE(parsed({"-g", "host"}).show_configuration);
}

TEST(Options, TakeAWordWithADashAsTheValueOfAnOption) {
  EXPECT_THAT(keywords({"-l", "-me", "host"}), ElementsAre("User=-me"));
  EXPECT_EQ(parsed({"--", "-host"}).destination, "-host");
}

TEST(Options, RefuseWhatIsNoPort) {
  for (const char* port : {"", "0", "65536", "-1", "no-such-service", "22x"}) {
    EXPECT_THAT(refused({"-p", port, "host"}), HasSubstr("-p")) << port;
  }
  EXPECT_THAT(keywords({"-p", "https", "host"}), ElementsAre("Port=https"));
}

TEST(Options, RefuseWhatIsNoTime) {
  for (const char* time : {"0", "-1", "soon"}) {
    EXPECT_THAT(refused({"--connect-timeout", time, "host"}), HasSubstr("--connect-timeout")) << time;
  }
}

TEST(Options, KnowTwoEngines) {
  EXPECT_EQ(parsed({"--engine", "native", "host"}).engine, "native");
  EXPECT_EQ(parsed({"--engine", "libssh2", "host"}).engine, "libssh2");
  EXPECT_THAT(refused({"--engine", "other", "host"}), HasSubstr("libssh2"));
  EXPECT_THAT(refused({"--engine", "Native", "host"}), HasSubstr("native"));
}

TEST(Options, TakeANumberOfConnections) {
  EXPECT_EQ(parsed({"--connections", "1", "host"}).connections, 1U);
  EXPECT_EQ(parsed({"--connections=32", "host"}).connections, 32U);
  for (const char* number : {"0", "33", "-1", "many", "1.5"}) {
    EXPECT_THAT(refused({"--connections", number, "host"}), HasSubstr("--connections")) << number;
  }
}

TEST(Options, TurnAlgorithmsIntoKeywordsAsSshDoes) {
  EXPECT_THAT(keywords({"-o", "Ciphers=aes128-ctr", "-c", "+aes256-ctr", "-m", "hmac-sha2-256", "host"}),
              ElementsAre("Ciphers=+aes256-ctr", "MACs=hmac-sha2-256", "Ciphers=aes128-ctr"));
  EXPECT_THAT(keywords({"-ca,b", "-c^c", "-ma", "-mb", "host"}), ElementsAre("Ciphers=^c", "MACs=b"))
      << "the last counts";
}

TEST(Options, RefuseWhatIsNoListOfAlgorithms) {
  for (const char* list : {"", "+", "-aes128-cbc", "+-a", "^+a", "a b", "a #b", "\"a\"", "=a"}) {
    EXPECT_THAT(refused({"-c", list, "host"}), HasSubstr("-c")) << list;
  }
  for (const char* list : {"+hmac-sha1", "-hmac-sha1", "^hmac-sha1"}) {
    EXPECT_THAT(refused({"-m", list, "host"}), HasSubstr("-m")) << list;
  }
}

TEST(Options, RefuseACommand) {
  EXPECT_THAT(refused({"host", "uptime"}), HasSubstr("runs no commands"));
  EXPECT_THAT(refused({"host", "uname", "-a"}), HasSubstr("'uname' was not expected"));
  EXPECT_THAT(refused({"-D", "1080", "host", "--", "ls"}), HasSubstr("'ls' was not expected"));
}

TEST(Options, AskARunningTunnelWithoutADestination) {
  const options given = parsed({"-S", "/run/tunnel", "-O", "status"});
  EXPECT_EQ(given.control_path, "/run/tunnel");
  EXPECT_EQ(given.control_request, "status");
  EXPECT_FALSE(parsed({"-S", "none", "host"}).control_path);
  EXPECT_FALSE(parsed({"-O", "status", "host"}).control_path) << "ControlPath may say where";
  EXPECT_THAT(refused({"-O", "status"}), HasSubstr("-S path"));
  EXPECT_THAT(refused({"-S", "/run/tunnel", "-O", "dance"}), HasSubstr("dance"));
}

TEST(Options, SayHowUdpIsServed) {
  const options plain = parsed({"host"});
  EXPECT_EQ(plain.udp.mode, "auto");
  EXPECT_FALSE(plain.udp.gateway);
  EXPECT_EQ(plain.udp.gateway_protocol, "tunnel");
  EXPECT_EQ(plain.udp.timeout, 300U);
  EXPECT_EQ(plain.udp.filter, "none");
  const options given =
      parsed({"--udp", "gateway", "--udp-gateway", "127.0.0.1:7300", "--udp-gateway-protocol", "udpgw",
              "--udp-timeout", "60", "--udp-filter", "address", "host"});
  EXPECT_EQ(given.udp.mode, "gateway");
  EXPECT_EQ(given.udp.gateway, "127.0.0.1:7300");
  EXPECT_EQ(given.udp.gateway_protocol, "udpgw");
  EXPECT_EQ(given.udp.timeout, 60U);
  EXPECT_EQ(given.udp.filter, "address");
}

TEST(Options, NameWhatIsWrongAboutUdp) {
  EXPECT_THAT(refused({"--udp", "gateway", "host"}), HasSubstr("--udp-gateway host:port"));
  EXPECT_THAT(refused({"--udp", "sometimes", "host"}), HasSubstr("--udp"));
  EXPECT_THAT(refused({"--udp-gateway-protocol", "socks", "host"}), HasSubstr("--udp-gateway-protocol"));
  EXPECT_THAT(refused({"--udp-timeout", "0", "host"}), HasSubstr("--udp-timeout"));
  EXPECT_THAT(refused({"--udp-filter", "port", "host"}), HasSubstr("--udp-filter"));
}

TEST(Options, AskForADestination) {
  EXPECT_THAT(refused({}), HasSubstr("user@host"));
  EXPECT_THAT(refused({"-D", "1080"}), HasSubstr("user@host"));
}

TEST(Options, NameTheOptionThatLacksItsValue) {
  EXPECT_THAT(refused({"host", "-D"}), HasSubstr("-D"));
  EXPECT_THAT(refused({"host", "--connect-timeout"}), HasSubstr("--connect-timeout"));
}

TEST(Options, NameTheNearestOption) {
  EXPECT_THAT(refused({"--connect-timeuot", "5", "host"}), HasSubstr("did you mean --connect-timeout?"));
  EXPECT_THAT(refused({"--engin", "libssh2", "host"}), HasSubstr("did you mean --engine?"));
  EXPECT_THAT(refused({"--frobnicate", "host"}), HasSubstr("--help lists them"));
  EXPECT_THAT(refused({"-L", "8080:host:80", "host"}), HasSubstr("no option -L"));
}

TEST(Options, PrintVersionAndHelp) {
  const auto version = std::get<message>(parse({"-V"}));
  EXPECT_EQ(version.status, 0);
  EXPECT_EQ(version.text, "tunnel 0.1.0, libssh2 1.10.0\n");
  const auto help = std::get<message>(parse({"--help"}));
  EXPECT_EQ(help.status, 0);
  for (const char* text : {"[user@]host", "-D [BIND_ADDRESS:]PORT", "-i FILE", "--connect-timeout", "-V"}) {
    EXPECT_THAT(help.text, HasSubstr(text));
  }
}

TEST(Options, NameNameServersAndWhereToAnswer) {
  const options given = parsed({"--dns", "192.0.2.53", "--dns=[::1]:5353", "--dns-listen", "5300", "host"});
  EXPECT_THAT(given.name_servers, ElementsAre("192.0.2.53", "[::1]:5353"));
  EXPECT_THAT(given.dns_listeners, ElementsAre("5300"));
  EXPECT_EQ(given.destination, "host");
}

TEST(Options, MayBeRepeatedAsInSsh) {
  EXPECT_THAT(keywords({"-p1", "-p2", "-la", "-lb", "host"}),
              ElementsAre("Port=1", "Port=2", "User=a", "User=b"));
  EXPECT_EQ(parsed({"-Ea", "-Eb", "host"}).log_file, "b");
  EXPECT_EQ(parsed({"-Fa", "-Fb", "host"}).config_file, "b");
}

}  // namespace
}  // namespace tunnel
