#include <gmock/gmock.h>

#include <sys/stat.h>

#include <sstream>

#include "support/relay_program.hpp"
#include "support/scenario.hpp"
#include "support/transfer.hpp"
#include "support/troubleshooting.hpp"

namespace tunnel::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr int could_not_connect = 255;
constexpr int misused = 2;

class Tls : public scenario {
 protected:
  // In front of the server, with a certificate for ssh.example.
  relay_program& terminator(const std::string& clients = {}) {
    return terminator_with(authority().issue("DNS:ssh.example"), clients);
  }

  relay_program& terminator_with(const certificate& own, const std::string& clients = {}) {
    start_server();
    write_file(known_hosts(), "server " + server().host_key_line() + '\n');
    front_ = std::make_unique<relay_program>(stunnel(own, server().port(), clients));
    return *front_;
  }

  tunnel_process& launch(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--tls", "-o", "HostKeyAlias=server"});
    return launch_tunnel_to(front_->port(), server().user(),
                            {.identity = server().user_key().private_file,
                             .known_hosts = known_hosts(),
                             .arguments = std::move(arguments)});
  }

  std::string outcome(std::vector<std::string> arguments, int status = could_not_connect) {
    launch(std::move(arguments));
    EXPECT_EQ(tunnel().wait(), status);
    return tunnel().log();
  }

  void carries() {
    const origin target(echo());
    EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", target.port()}), "inside TLS"));
    EXPECT_EQ(exchange_patterns(port(), std::size_t{8} << 20U, patience), "");
  }

  std::string ca() { return authority_.file().string(); }
  const certificate_authority& authority() { return authority_; }
  std::filesystem::path known_hosts() { return files() / "known_hosts"; }

 private:
  certificate_authority authority_;
  std::unique_ptr<relay_program> front_;
};

TEST_P(Tls, InFrontOfTheServerIsPassed) {
  terminator();
  launch({"--tls-ca", ca(), "--tls-server-name", "ssh.example"}).wait_until_ready();
  carries();
}

TEST_P(Tls, CertificateForAnotherNameIsRefused) {
  terminator();
  const auto log = outcome({"--tls-ca", ca()});
  EXPECT_THAT(log, HasSubstr("is not for 127.0.0.1 but for ssh.example"));
  EXPECT_TRUE(explained(log, "tls-name"));
  EXPECT_THAT(outcome({"--tls-ca", ca(), "--tls-server-name", "other.example"}),
              HasSubstr("is not for other.example but for ssh.example"));
}

TEST_P(Tls, CertificateOfAnUnknownAuthorityIsRefused) {
  terminator();
  EXPECT_TRUE(explained(outcome({"--tls-server-name", "ssh.example"}), "tls-authority"));
  const certificate_authority other;
  EXPECT_THAT(outcome({"--tls-ca", other.file().string(), "--tls-server-name", "ssh.example"}),
              HasSubstr("is not to be believed"));
}

TEST_P(Tls, CertificateThatHasExpiredIsRefused) {
  terminator_with(authority().issue_expired("DNS:ssh.example"));
  const auto log = outcome({"--tls-ca", ca(), "--tls-server-name", "ssh.example"});
  EXPECT_TRUE(explained(log, "tls-expired"));
}

TEST_P(Tls, CertificateOfTheClientsOwnIsShown) {
  terminator(ca());
  const auto own = authority().issue("DNS:client.example");
  launch({"--tls-ca", ca(), "--tls-server-name", "ssh.example", "--tls-cert", own.file.string(), "--tls-key",
          own.key.string()})
      .wait_until_ready();
  carries();
  EXPECT_THAT(outcome({"--tls-ca", ca(), "--tls-server-name", "ssh.example"}), HasSubstr("alert"));
}

TEST_P(Tls, WithAServerThatHasNoneSaysSo) {
  start_server();
  write_file(known_hosts(), "");
  launch_tunnel({.arguments = {"--tls", "--connect-timeout", "5"}});
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_TRUE(explained(tunnel().log(), "tls-none"));
}

TEST_P(Tls, FilesThatCannotBeUsedAreNamed) {
  terminator();
  EXPECT_THAT(outcome({"--tls-ca", "/nowhere"}, misused), HasSubstr("--tls-ca: "));
  EXPECT_THAT(outcome({"--tls-cert", ca()}, misused), HasSubstr("--tls-key: "));
}

TEST_P(Tls, ComesBehindAProxyAndBeforeTwoJumpHosts) {
  start_server();
  const auto one = make_server(kind_of_server());
  const auto two = make_server(kind_of_server());
  const relay_program front(stunnel(authority().issue("DNS:ssh.example"), one->port()));
  const relay_program proxy(tinyproxy("user", "s3cret"));
  write_file(files() / "one_known_hosts", "one " + one->host_key_line() + '\n');
  write_file(files() / "credentials", "user:s3cret\n");
  ::chmod((files() / "credentials").c_str(), 0600);
  std::ostringstream config;
  config << "Host one\n  HostName 127.0.0.1\n  Port " << front.port()
         << "\n  HostKeyAlias one\n  IdentityFile " << one->user_key().private_file.string()
         << "\n  UserKnownHostsFile " << (files() / "one_known_hosts").string()
         << "\nHost two\n  HostName 127.0.0.1\n  Port " << two->port() << "\n  IdentityFile "
         << two->user_key().private_file.string() << "\n  UserKnownHostsFile " << two->known_hosts().string()
         << "\nHost one two\n  IdentitiesOnly yes\n";
  write_file(files() / "config", config.str());
  start_tunnel({.config_file = files() / "config",
                .arguments = {"--proxy", "http://user@" + proxy.address(), "--proxy-credentials",
                              (files() / "credentials").string(), "--tls", "--tls-ca", ca(),
                              "--tls-server-name", "ssh.example", "-J", "one,two"}});
  carries();
}

TUNNEL_RUN_SCENARIO(Tls, openssh_only);

}  // namespace
}  // namespace tunnel::integration
