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

}  // namespace
}  // namespace tunnel::integration
