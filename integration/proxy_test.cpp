#include <gmock/gmock.h>

#include <sys/stat.h>

#include "support/askpass.hpp"
#include "support/relay_program.hpp"
#include "support/scenario.hpp"
#include "support/transfer.hpp"
#include "support/troubleshooting.hpp"

namespace tunnel::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int could_not_connect = 255;
constexpr int misused = 2;

// The user of every proxy that has one is "user", the password "s3cret".
class Proxy : public scenario {
 protected:
  std::string credentials(const std::string& text = "user:s3cret", unsigned mode = 0600) {
    const auto file = files() / "credentials";
    write_file(file, text + '\n');
    ::chmod(file.c_str(), mode);
    return file.string();
  }

  void carries() {
    const origin target(echo());
    EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", target.port()}), "through a proxy"));
    EXPECT_EQ(exchange_patterns(port(), std::size_t{2} << 20U, patience), "");
  }

  std::string outcome(std::vector<std::string> arguments, int status = could_not_connect) {
    launch_tunnel({.arguments = std::move(arguments)});
    EXPECT_EQ(tunnel().wait(), status);
    return tunnel().log();
  }
};

TEST_P(Proxy, OfHttpCarriesTheConnection) {
  const relay_program proxy(tinyproxy());
  start_tunnel({.arguments = {"--proxy", "http://" + proxy.address()}});
  carries();
}

TEST_P(Proxy, OfHttpTakesCredentialsFromAFile) {
  const relay_program proxy(tinyproxy("user", "s3cret"));
  start_tunnel({.arguments = {"--proxy", "http://" + proxy.address(), "--proxy-credentials", credentials()}});
  carries();
}

TEST_P(Proxy, OfHttpTakesAPasswordFromItsUser) {
  const relay_program proxy(tinyproxy("user", "s3cret"));
  start_tunnel({.batch = false,
                .arguments = {"--proxy", "http://user@" + proxy.address()},
                .environment = answering(files(), "s3cret")});
  carries();
}

TEST_P(Proxy, OfHttpThatWantsCredentialsSaysHowToGiveThem) {
  const relay_program proxy(tinyproxy("user", "s3cret"));
  const auto url = "http://" + proxy.address();
  EXPECT_TRUE(explained(outcome({"--proxy", url}), "proxy-authentication"));
  const auto wrong = outcome({"--proxy", url, "--proxy-credentials", credentials("user:wr0ng")});
  EXPECT_TRUE(explained(wrong, "proxy-credentials"));
  EXPECT_THAT(wrong, Not(HasSubstr("wr0ng")));
}

TEST_P(Proxy, OfSocks5CarriesTheConnection) {
  const relay_program proxy(microsocks());
  start_tunnel({.arguments = {"--proxy", "socks5://" + proxy.address()}});
  carries();
}

TEST_P(Proxy, OfSocks5TakesCredentials) {
  const relay_program proxy(microsocks("user", "s3cret"));
  const auto url = "socks5h://" + proxy.address();
  start_tunnel({.arguments = {"--proxy", url, "--proxy-credentials", credentials()}});
  carries();
  EXPECT_THAT(outcome({"--proxy", url}), HasSubstr("it wants its clients to authenticate"));
  EXPECT_THAT(outcome({"--proxy", url, "--proxy-credentials", credentials("user:wr0ng")}),
              HasSubstr("does not take this user name and password"));
}

// The program under test is a SOCKS4a server, too.
TEST_P(Proxy, OfSocks4CarriesTheConnection) {
  start_server();
  tunnel_process other(server(), {.engine = engine()});
  other.wait_until_ready();
  for (const std::string scheme : {"socks4", "socks4a"}) {
    start_tunnel({.arguments = {"--proxy", scheme + "://127.0.0.1:" + std::to_string(other.port())}});
    carries();
  }
}

TEST_P(Proxy, OfHttpsIsBelievedByItsCertificate) {
  const certificate_authority authority;
  const relay_program proxy(tinyproxy());
  const relay_program front(stunnel(authority.issue("IP:127.0.0.1"), proxy.port()));
  const auto url = "https://" + front.address();
  start_tunnel({.arguments = {"--proxy", url, "--tls-ca", authority.file().string()}});
  carries();
  EXPECT_THAT(outcome({"--proxy", url}),
              AllOf(HasSubstr("https proxy " + front.address()), HasSubstr("--tls-ca")));
}

TEST_P(Proxy, BehindAnotherIsReachedThroughIt) {
  const relay_program first(microsocks());
  const relay_program second(tinyproxy("user", "s3cret"));
  start_tunnel({.arguments = {"--proxy", "socks5://" + first.address(), "--proxy",
                              "http://user@" + second.address(), "--proxy-credentials", credentials()}});
  carries();
}

TEST_P(Proxy, ThatCannotReachTheServerSaysSo) {
  start_server();
  server().stop();
  const relay_program socks(microsocks());
  EXPECT_THAT(outcome({"--proxy", "socks5://" + socks.address()}),
              AllOf(HasSubstr("socks5 proxy " + socks.address() + ": it did not connect to 127.0.0.1:"),
                    HasSubstr("refused")));
  const relay_program http(tinyproxy());
  const auto log = outcome({"--proxy", "http://" + http.address()});
  EXPECT_THAT(log, AllOf(HasSubstr("http proxy " + http.address() + ": it did not connect to 127.0.0.1:"),
                         HasSubstr("50")));
  EXPECT_TRUE(explained(log, "proxy-refused"));
}

TEST_P(Proxy, ThatIsNotThereIsNamed) {
  const auto log = outcome({"--proxy", "socks5://127.0.0.1:" + std::to_string(free_port())});
  EXPECT_TRUE(explained(log, "proxy-unreachable"));
}

TEST_P(Proxy, ThatIsNoneIsRecognised) {
  start_server();
  const auto server_itself = "127.0.0.1:" + std::to_string(server().port());
  EXPECT_TRUE(explained(outcome({"--proxy", "http://" + server_itself}), "proxy-none"));
  EXPECT_THAT(outcome({"--proxy", "socks5://" + server_itself}),
              HasSubstr("it does not answer as a SOCKS5 proxy"));
}

TEST_P(Proxy, ThatDoesNotAnswerIsGivenUp) {
  const relay_program proxy(microsocks());
  proxy.freeze();
  EXPECT_THAT(outcome({"--proxy", "socks5://" + proxy.address(), "--connect-timeout", "1"}),
              HasSubstr("no answer to the request for 127.0.0.1:"));
}

TEST_P(Proxy, CredentialsThatOthersMayReadAreRefused) {
  EXPECT_THAT(
      outcome({"--proxy", "http://127.0.0.1:1", "--proxy-credentials", credentials("user:s3cret", 0644)},
              misused),
      HasSubstr("chmod 600"));
  EXPECT_THAT(outcome({"--proxy", "http://user:s3cret@127.0.0.1:1"}, misused),
              AllOf(HasSubstr("takes no password"), Not(HasSubstr("s3cret"))));
}

TUNNEL_RUN_SCENARIO(Proxy, openssh_only);

}  // namespace
}  // namespace tunnel::integration
