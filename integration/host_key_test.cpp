#include <gmock/gmock.h>

#include "support/scenario.hpp"
#include "support/troubleshooting.hpp"

namespace tunnel::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr int could_not_connect = 255;

class HostKey : public scenario {
 protected:
  std::filesystem::path known_hosts() { return files() / "known_hosts"; }
};

TEST_P(HostKey, ThatChangedIsRefusedNamingFileAndLine) {
  start_server();
  const auto other = make_key(files() / "other");
  write_file(known_hosts(),
             "# a comment\n" + server().host_in_known_hosts() + ' ' + other.public_line() + '\n');
  launch_tunnel({.known_hosts = known_hosts()});
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_THAT(tunnel().log(), HasSubstr(known_hosts().string() + ":2"));
  EXPECT_TRUE(explained(tunnel().log(), "host-key-changed"));
  // Nothing is said to a server that is not who it should be.
  EXPECT_THAT(server().log(), testing::Not(HasSubstr("ublickey")));
}

TEST_P(HostKey, ThatIsUnknownIsRefusedWhenNobodyCanBeAsked) {
  start_server();
  write_file(known_hosts(), "");
  launch_tunnel({.known_hosts = known_hosts()});
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_THAT(tunnel().log(), AllOf(HasSubstr("127.0.0.1"), HasSubstr("SHA256:")));
  EXPECT_TRUE(explained(tunnel().log(), "host-key-unknown"));
  EXPECT_EQ(read_file(known_hosts()), "");

  launch_tunnel({.known_hosts = known_hosts(), .arguments = {"-o", "StrictHostKeyChecking=yes"}});
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_TRUE(explained(tunnel().log(), "host-key-strict"));
}

TEST_P(HostKey, ThatIsRevokedIsRefused) {
  start_server();
  const auto known = read_file(server().known_hosts());
  write_file(known_hosts(), known + "@revoked * " + server().host_key_line() + '\n');
  launch_tunnel({.known_hosts = known_hosts()});
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_TRUE(explained(tunnel().log(), "host-key-revoked"));

  write_file(files() / "revoked", server().host_key_line() + '\n');
  launch_tunnel({.arguments = {"-o", "RevokedHostKeys=" + (files() / "revoked").string()}});
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_THAT(tunnel().log(), HasSubstr("is revoked by " + (files() / "revoked").string()));
}

TEST_P(HostKey, ThatIsNewIsKeptWhenAccepted) {
  start_server();
  launch_tunnel({.known_hosts = known_hosts(), .arguments = {"-o", "StrictHostKeyChecking=accept-new"}})
      .wait_until_ready();
  EXPECT_THAT(read_file(known_hosts()), HasSubstr(server().host_key_line()));

  start_tunnel({.known_hosts = known_hosts(), .arguments = {"-o", "StrictHostKeyChecking=yes"}});

  const auto other = make_key(files() / "other");
  write_file(known_hosts(), server().host_in_known_hosts() + ' ' + other.public_line() + '\n');
  launch_tunnel({.known_hosts = known_hosts(), .arguments = {"-o", "StrictHostKeyChecking=accept-new"}});
  EXPECT_EQ(tunnel().wait(), could_not_connect);
}

TEST_P(HostKey, IsFoundUnderAHashedName) {
  start_server();
  std::filesystem::copy_file(server().known_hosts(), known_hosts());
  ASSERT_EQ(run({.arguments = {"ssh-keygen", "-q", "-H", "-f", known_hosts().string()}}).exit_code, 0);
  ASSERT_THAT(read_file(known_hosts()), testing::StartsWith("|1|"));
  start_tunnel({.known_hosts = known_hosts()});
}

TUNNEL_RUN_SCENARIO(HostKey, every_daemon);

/// A server with an ed25519 key and an RSA key, of which the RSA key alone is known.
class HostKeyOrder : public scenario {
 protected:
  void start() {
    const auto rsa = make_key(files() / "rsa_host_key", "rsa");
    start_server({.config = {"HostKey " + rsa.private_file.string()}});
    write_file(known_hosts(), server().host_in_known_hosts() + ' ' + rsa.public_line() + '\n');
  }

  tunnel_process& launch(const std::string& option) {
    return launch_tunnel({.known_hosts = known_hosts(), .arguments = {"-o", option}});
  }

  std::filesystem::path known_hosts() { return files() / "known_hosts"; }
};

TEST_P(HostKeyOrder, BeginsWithWhatIsKnownUnlessTheUserPutItInOrder) {
  start();
  for (const auto* list : {"+ssh-rsa", "-ecdsa*", "+rsa-sha2-512"}) {
    launch("HostKeyAlgorithms=" + std::string(list)).wait_until_ready();
  }
  for (const auto* list : {"^ssh-ed25519", "ssh-ed25519,rsa-sha2-512"}) {
    EXPECT_EQ(launch("HostKeyAlgorithms=" + std::string(list)).wait(), could_not_connect) << list;
    EXPECT_TRUE(explained(tunnel().log(), "host-key-changed"));
  }
}

TEST_P(HostKeyOrder, LeadsToAKeyThatIsLongEnough) {
  start();
  launch("RequiredRSASize=2048").wait_until_ready();
  EXPECT_EQ(launch("RequiredRSASize=8192").wait(), could_not_connect);
  EXPECT_THAT(tunnel().log(), HasSubstr("bits, and RequiredRSASize wants 8192"));
}

TUNNEL_RUN_SCENARIO(HostKeyOrder, native_only);

class HostKeyType : public scenario {};

TEST_P(HostKeyType, EcdsaIsAccepted) {
  start_server({.host_key_type = "ecdsa"});
  start_tunnel();
}

// The distribution's libssh2 knows RSA with SHA-1 alone: sshd offers that only when asked to, Erlang never.
TEST_P(HostKeyType, RsaIsAccepted) {
  const bool sha1_alone = engine() == "libssh2";
  server_settings settings{.host_key_type = "rsa"};
  if (sha1_alone && kind_of_server() == server_kind::openssh)
    settings.config = {"HostKeyAlgorithms +ssh-rsa"};
  start_server(settings);
  launch_tunnel();
  if (sha1_alone && kind_of_server() == server_kind::erlang) {
    EXPECT_EQ(tunnel().wait(), could_not_connect);
    EXPECT_THAT(tunnel().log(), HasSubstr("key exchange with 127.0.0.1"));
  } else {
    tunnel().wait_until_ready();
  }
}

TUNNEL_RUN_SCENARIO(HostKeyType, every_server);

}  // namespace
}  // namespace tunnel::integration
