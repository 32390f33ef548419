#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "support/agent.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;

constexpr int could_not_authenticate = 255;

struct certified_key {
  std::string engine;
  std::string type;
};

std::ostream& operator<<(std::ostream& out, const certified_key& shown) {
  return out << shown.engine << '_' << shown.type;
}

std::vector<certified_key> every_type() {
  std::vector<certified_key> all;
  for (const auto& engine : engines())
    for (const std::string type : {"ed25519", "ecdsa", "rsa"}) all.push_back({engine, type});
  return all;
}

/// The server knows no key of the user's, only the authority that has certified it (OpenSSH's
/// PROTOCOL.certkeys).
class Certificate : public stage, public testing::WithParamInterface<certified_key> {
 protected:
  Certificate() : stage({GetParam().engine, server_kind::openssh}) {
    start_server({.config = {"TrustedUserCAKeys " + authority_.private_file.string() + ".pub",
                             "AuthorizedKeysFile none"}});
  }

  /// libssh2 looks for no certificate of its own accord.
  bool engine_reads_certificates() { return engine() != "libssh2"; }

  /// libssh2 offers whatever an agent lists, and what it makes of the agent's signature passes for ECDSA
  /// alone.
  bool engine_can_use_certificates_of_agents() { return engine() != "libssh2" || GetParam().type == "ecdsa"; }

  /// A key with its certificate beside it. `validity` is what ssh-keygen -V takes.
  ssh_key certified(const std::string& validity) {
    const auto key = make_key(files() / "key", GetParam().type);
    const auto made =
        run({.arguments = {"ssh-keygen", "-q", "-s", authority_.private_file.string(), "-I", "tester", "-n",
                           server().user(), "-V", validity, key.private_file.string() + ".pub"}});
    if (made.exit_code != 0) throw std::runtime_error("ssh-keygen: " + made.errors);
    return key;
  }

  void expect_refusal() {
    EXPECT_EQ(tunnel().wait(), could_not_authenticate);
    EXPECT_THAT(tunnel().log(), HasSubstr("publickey"));
  }

  void expect_login() {
    tunnel().wait_until_ready();
    EXPECT_THAT(server().log(), HasSubstr("Accepted certificate ID \"tester\""));
  }

 private:
  ssh_key authority_ = make_key(files() / "authority");
};

TEST_P(Certificate, BesideItsKeyLogsIn) {
  launch_tunnel({.identity = certified("-5m:+1h").private_file});
  if (engine_reads_certificates())
    expect_login();
  else
    expect_refusal();
}

TEST_P(Certificate, NamedByTheUserLogsIn) {
  const auto key = certified("-5m:+1h");
  const auto elsewhere = files() / "certificate";
  std::filesystem::rename(key.private_file.string() + "-cert.pub", elsewhere);
  launch_tunnel({.identity = key.private_file, .arguments = {"-o", "CertificateFile=" + elsewhere.string()}});
  if (engine_reads_certificates())
    expect_login();
  else
    expect_refusal();
}

TEST_P(Certificate, OfAKeyThatTheAgentHoldsLogsIn) {
  const agent keys;
  const auto key = certified("-5m:+1h");
  const auto certificate = key.private_file.string() + "-cert.pub";
  const auto elsewhere = files() / "certificate";
  std::filesystem::copy_file(certificate, elsewhere);
  std::filesystem::remove(certificate);
  keys.add(key);
  std::filesystem::remove(key.private_file);
  launch_tunnel({.identity = key.private_file.string() + ".pub",
                 .arguments = {"-o", "CertificateFile=" + elsewhere.string()},
                 .environment = keys.environment()});
  if (engine_reads_certificates())
    expect_login();
  else
    expect_refusal();
}

TEST_P(Certificate, InAnAgentLogsIn) {
  const agent keys;
  keys.add(certified("-5m:+1h"));
  launch_tunnel({.identity = "", .environment = keys.environment()});
  if (engine_can_use_certificates_of_agents())
    expect_login();
  else
    expect_refusal();
}

TEST_P(Certificate, ThatHasExpiredIsRefused) {
  launch_tunnel({.identity = certified("-2h:-1h").private_file});
  expect_refusal();
  // Whoever reads certificates has shown this one.
  EXPECT_EQ(server().log().find("expired") != std::string::npos, engine_reads_certificates());
}

INSTANTIATE_TEST_SUITE_P(, Certificate, testing::ValuesIn(every_type()), testing::PrintToStringParamName());

/// What a certificate says of its use is the server's to heed. The type of the key has no part in that.
class CertificateTerms : public scenario {
 protected:
  void start_trusting(std::vector<std::string> config = {}) {
    config.insert(config.end(), {"TrustedUserCAKeys " + authority_.private_file.string() + ".pub",
                                 "AuthorizedKeysFile none"});
    start_server({.config = std::move(config)});
  }

  /// `terms`: of ssh-keygen, after those for a certificate that lets the user in for an hour.
  void certify(const std::vector<std::string>& terms) {
    command signing{.arguments = {"ssh-keygen", "-q", "-s", authority_.private_file.string(), "-I", "tester",
                                  "-n", server().user(), "-V", "-5m:+1h"}};
    signing.arguments.insert(signing.arguments.end(), terms.begin(), terms.end());
    signing.arguments.push_back(key_.private_file.string() + ".pub");
    const auto made = run(signing);
    if (made.exit_code != 0) throw std::runtime_error("ssh-keygen: " + made.errors);
  }

  void expect_refusal(const std::string& reason) {
    launch_tunnel({.identity = key_.private_file});
    EXPECT_EQ(tunnel().wait(), could_not_authenticate);
    EXPECT_THAT(tunnel().log(), HasSubstr(key_.private_file.string() + "-cert.pub refused"));
    EXPECT_TRUE(server_logs(reason)) << server().log();
  }

  void expect_flow() {
    const origin target(echo());
    start_tunnel({.identity = key_.private_file});
    EXPECT_TRUE(server_logs("Accepted certificate ID"));
    EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", target.port()}), "certified"));
  }

  bool server_logs(const std::string& text) {
    return eventually([&] { return server().log().find(text) != std::string::npos; });
  }

  ssh_key authority_ = make_key(files() / "authority");
  ssh_key key_ = make_key(files() / "key");
};

TEST_P(CertificateTerms, ThatBeginLaterAreRefused) {
  start_trusting();
  certify({"-V", "+1h:+2h"});
  expect_refusal("not yet valid");
}

TEST_P(CertificateTerms, ForAnotherUserAreRefused) {
  start_trusting();
  certify({"-n", "somebody-else"});
  expect_refusal("not a listed principal");
}

TEST_P(CertificateTerms, OfARevokedKeyAreRefused) {
  start_trusting({"RevokedKeys " + key_.private_file.string() + ".pub"});
  certify({});
  expect_refusal("revoked");
}

TEST_P(CertificateTerms, WithAnotherSourceAddressAreRefused) {
  start_trusting();
  certify({"-O", "source-address=192.0.2.0/24"});
  expect_refusal("not from a permitted source address");
}

TEST_P(CertificateTerms, WithTheRightSourceAddressAreTaken) {
  start_trusting();
  certify({"-O", "source-address=127.0.0.0/8"});
  expect_flow();
}

// It is for sessions, and connections to targets are none.
TEST_P(CertificateTerms, WithAForcedCommandAreTaken) {
  start_trusting();
  certify({"-O", "force-command=/bin/false"});
  expect_flow();
}

TEST_P(CertificateTerms, WithAnUnknownCriticalOptionAreRefused) {
  start_trusting();
  certify({"-O", "critical:moon@example.com=full"});
  expect_refusal("ritical option");
}

TEST_P(CertificateTerms, WithoutForwardingLogInAndReachNothing) {
  start_trusting();
  certify({"-O", "no-port-forwarding"});
  start_tunnel({.identity = key_.private_file});
  EXPECT_EQ(ask(port(), socks_version::v5, {"127.0.0.1", free_port()}).code, reply::not_allowed);
  EXPECT_TRUE(tunnel().logs("the SSH server forbids the connection to 127.0.0.1:"));
}

TUNNEL_RUN_SCENARIO(CertificateTerms, native_only);

}  // namespace
}  // namespace tunnel::integration
