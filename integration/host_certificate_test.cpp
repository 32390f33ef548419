#include <gmock/gmock.h>

#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;

constexpr int could_not_connect = 255;

/// A server of which only the authority is known that has certified its host key (OpenSSH's
/// PROTOCOL.certkeys).
class HostCertificate : public scenario {
 protected:
  /// `terms`: of ssh-keygen, beside "-s" and "-h".
  void start_certified(const std::vector<std::string>& terms) {
    command signing{
        .arguments = {"ssh-keygen", "-q", "-s", authority_.private_file.string(), "-h", "-I", "host"}};
    signing.arguments.insert(signing.arguments.end(), terms.begin(), terms.end());
    signing.arguments.push_back(key_.private_file.string() + ".pub");
    const auto made = run(signing);
    if (made.exit_code != 0) throw std::runtime_error("ssh-keygen: " + made.errors);
    start_server({.config = {"HostKey " + key_.private_file.string(),
                             "HostCertificate " + key_.private_file.string() + "-cert.pub"}});
    write_file(known_hosts(), "@cert-authority * " + authority_.public_line() + '\n');
  }

  void start_valid() { start_certified({"-n", "127.0.0.1", "-V", "-5m:+1h"}); }

  void add_to_known_hosts(const std::string& line) {
    write_file(known_hosts(), read_file(known_hosts()) + line + '\n');
  }

  std::string refusal(std::vector<std::string> arguments = {}) {
    launch_tunnel({.known_hosts = known_hosts(), .arguments = std::move(arguments)});
    EXPECT_EQ(tunnel().wait(), could_not_connect);
    EXPECT_THAT(server().log(), testing::Not(HasSubstr("Accepted")));
    return tunnel().log();
  }

  std::string revoked_list(const ssh_key& of) {
    write_file(files() / "revoked", of.public_line() + '\n');
    return "RevokedHostKeys=" + (files() / "revoked").string();
  }

  std::filesystem::path known_hosts() { return files() / "known_hosts"; }

  ssh_key authority_ = make_key(files() / "authority");
  ssh_key key_ = make_key(files() / "key");
};

TEST_P(HostCertificate, StandsForTheHost) {
  start_valid();
  start_tunnel({.known_hosts = known_hosts(), .arguments = {"-o", "StrictHostKeyChecking=yes"}});
  EXPECT_THAT(tunnel().log(), HasSubstr("ssh-ed25519-cert-v01@openssh.com"));
}

TEST_P(HostCertificate, ThatHasExpiredDoesNotCount) {
  start_certified({"-n", "127.0.0.1", "-V", "-2h:-1h"});
  EXPECT_THAT(refusal(), HasSubstr("it expired at "));
}

TEST_P(HostCertificate, ThatIsNotYetValidDoesNotCount) {
  start_certified({"-n", "127.0.0.1", "-V", "+1h:+2h"});
  EXPECT_THAT(refusal(), HasSubstr("it is not valid before "));
}

TEST_P(HostCertificate, ForAnotherHostDoesNotCount) {
  start_certified({"-n", "other.example,192.0.2.1", "-V", "-5m:+1h"});
  EXPECT_THAT(refusal(), HasSubstr("it is not for 127.0.0.1 but for other.example, 192.0.2.1"));
}

TEST_P(HostCertificate, WithACriticalOptionDoesNotCount) {
  start_certified({"-n", "127.0.0.1", "-V", "-5m:+1h", "-O", "critical:moon@example.com=full"});
  EXPECT_THAT(refusal(), HasSubstr("it has the critical option moon@example.com"));
}

TEST_P(HostCertificate, ByAnotherAuthorityDoesNotCount) {
  start_valid();
  const auto other = make_key(files() / "other");
  write_file(known_hosts(), "@cert-authority * " + other.public_line() + '\n');
  EXPECT_THAT(refusal(), HasSubstr("not by one that is marked for [127.0.0.1]:"));
}

TEST_P(HostCertificate, SignedByAnAlgorithmThatIsNotAllowedDoesNotCount) {
  start_valid();
  EXPECT_THAT(refusal({"-o", "CASignatureAlgorithms=ecdsa-sha2-nistp256"}),
              HasSubstr("CASignatureAlgorithms does not allow ssh-ed25519"));
}

TEST_P(HostCertificate, ThatDoesNotCountLeavesTheKeyToItself) {
  start_certified({"-n", "127.0.0.1", "-V", "-2h:-1h"});
  add_to_known_hosts(server().host_in_known_hosts() + ' ' + key_.public_line());
  start_tunnel({.known_hosts = known_hosts()});
  EXPECT_THAT(tunnel().log(), HasSubstr("it expired at "));
}

TEST_P(HostCertificate, ByARevokedAuthorityIsRefused) {
  start_valid();
  add_to_known_hosts("@revoked * " + authority_.public_line());
  EXPECT_THAT(refusal(), HasSubstr("marked as revoked at " + known_hosts().string() + ":2"));
}

TEST_P(HostCertificate, ForARevokedKeyIsRefused) {
  start_valid();
  add_to_known_hosts("@revoked * " + key_.public_line());
  EXPECT_THAT(refusal(), HasSubstr("marked as revoked at " + known_hosts().string() + ":2"));
}

TEST_P(HostCertificate, IsRefusedByAListThatHasItsKeyOrItsAuthority) {
  start_valid();
  for (const auto& each : {key_, authority_})
    EXPECT_THAT(refusal({"-o", revoked_list(each)}),
                HasSubstr("is revoked by " + (files() / "revoked").string()));
}

TUNNEL_RUN_SCENARIO(HostCertificate, native_only);

class PlainHostKey : public HostCertificate {};

// libssh2 knows no host certificates: the server shows it the key alone.
TEST_P(PlainHostKey, IsWhatTheOtherEngineIsShown) {
  start_valid();
  EXPECT_THAT(refusal(), HasSubstr("no ED25519 host key is known for [127.0.0.1]:"));
  add_to_known_hosts(server().host_in_known_hosts() + ' ' + key_.public_line());
  start_tunnel({.known_hosts = known_hosts()});
}

INSTANTIATE_TEST_SUITE_P(, PlainHostKey, testing::Values(setting{"libssh2", server_kind::openssh}),
                         name_of_test);

}  // namespace
}  // namespace tunnel::integration
