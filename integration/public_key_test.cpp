#include <gmock/gmock.h>

#include "support/agent.hpp"
#include "support/askpass.hpp"
#include "support/scenario.hpp"
#include "support/troubleshooting.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;

constexpr int could_not_authenticate = 255;

class PublicKey : public scenario {
 protected:
  /// A copy of the server's user key, encrypted.
  std::filesystem::path encrypted_key() {
    const auto key = files() / "encrypted";
    std::filesystem::copy_file(server().user_key().private_file, key);
    const auto changed =
        run({.arguments = {"ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", key.string()}});
    if (changed.exit_code != 0) throw std::runtime_error(changed.errors);
    return key;
  }
};

TEST_P(PublicKey, ThatIsUnknownEndsWithTheListOfWhatWasTried) {
  start_server();
  const auto other = make_key(files() / "other_key");
  launch_tunnel({.identity = other.private_file});
  EXPECT_EQ(tunnel().wait(), could_not_authenticate);
  EXPECT_THAT(tunnel().log(), HasSubstr(other.private_file.string()));
  EXPECT_TRUE(explained(tunnel().log(), "all-refused"));
}

TEST_P(PublicKey, OpensWithThePassphraseThatAskpassGives) {
  start_server();
  launch_tunnel(
      {.identity = encrypted_key(), .batch = false, .environment = answering(files(), "open sesame")});
  tunnel().wait_until_ready();
  EXPECT_THAT(tunnel().log(), testing::Not(HasSubstr("open sesame")));
}

TEST_P(PublicKey, StaysShutWithAWrongPassphrase) {
  start_server();
  launch_tunnel(
      {.identity = encrypted_key(), .batch = false, .environment = answering(files(), "close sesame")});
  EXPECT_EQ(tunnel().wait(), could_not_authenticate);
  // libssh2 cannot tell that from a key that it does not understand.
  if (engine() == "libssh2")
    EXPECT_THAT(tunnel().log(), HasSubstr("the passphrase is wrong, or"));
  else
    EXPECT_TRUE(explained(tunnel().log(), "key-passphrase"));
}

TEST_P(PublicKey, FailsAtOnceWhenNobodyCanBeAskedForThePassphrase) {
  start_server();
  launch_tunnel({.identity = encrypted_key(), .batch = false});
  EXPECT_EQ(tunnel().wait(), could_not_authenticate);
  EXPECT_TRUE(explained(tunnel().log(), "key-no-passphrase"));
}

TEST_P(PublicKey, ThatOthersMayReadIsNotUsed) {
  start_server();
  const auto key = files() / "open";
  std::filesystem::copy_file(server().user_key().private_file, key);
  std::filesystem::permissions(key, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  launch_tunnel({.identity = key});
  EXPECT_EQ(tunnel().wait(), could_not_authenticate);
  EXPECT_TRUE(explained(tunnel().log(), "key-permissions"));
}

TEST_P(PublicKey, ComesFromAnAgent) {
  start_server();
  const agent keys;
  keys.add(server().user_key());
  launch_tunnel({.identity = "", .environment = keys.environment()}).wait_until_ready();
}

TUNNEL_RUN_SCENARIO(PublicKey, every_daemon);

class PublicKeyType : public scenario {
 protected:
  void log_in_with(const std::string& type) {
    const auto key = make_key(files() / "key", type);
    const auto allowed = files() / "allowed";
    write_file(allowed, key.public_line() + '\n');
    server_settings settings{.config = {"AuthorizedKeysFile " + allowed.string()}};
    // The distribution's libssh2 signs with SHA-1 alone, which sshd no longer takes unasked.
    if (engine() == "libssh2" && type == "rsa")
      settings.config.emplace_back("PubkeyAcceptedAlgorithms +ssh-rsa");
    start_server(settings);
    start_tunnel({.identity = key.private_file});
  }
};

TEST_P(PublicKeyType, EcdsaLogsIn) {
  log_in_with("ecdsa");
}
TEST_P(PublicKeyType, RsaLogsIn) {
  log_in_with("rsa");
}

TUNNEL_RUN_SCENARIO(PublicKeyType, openssh_only);

}  // namespace
}  // namespace tunnel::integration
