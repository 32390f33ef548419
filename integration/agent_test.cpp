#include "support/agent.hpp"

#include <gmock/gmock.h>

#include "support/scenario.hpp"
#include "support/troubleshooting.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int could_not_authenticate = 255;

class Agent : public scenario {
 protected:
  void expect_failure(tunnel_settings settings = {.identity = ""}) {
    settings.environment.merge(keys_.environment());
    launch_tunnel(std::move(settings));
    EXPECT_EQ(tunnel().wait(), could_not_authenticate);
  }

  tunnel_settings from_agent() { return {.identity = "", .environment = keys_.environment()}; }

  agent keys_;
};

TEST_P(Agent, ThatIsLockedHasNoKeys) {
  start_server();
  keys_.add(server().user_key());
  keys_.lock("sesame");
  expect_failure();
  EXPECT_TRUE(explained(tunnel().log(), "no-key"));
  keys_.unlock("sesame");
  start_tunnel(from_agent());
}

TEST_P(Agent, ThatIsNotThereIsSaid) {
  const auto nowhere = (files() / "no-agent").string();
  launch_tunnel({.identity = "", .environment = {{"SSH_AUTH_SOCK", nowhere}}});
  EXPECT_EQ(tunnel().wait(), could_not_authenticate);
  EXPECT_THAT(tunnel().log(), HasSubstr(nowhere));
  EXPECT_TRUE(explained(tunnel().log(), "agent-missing"));
}

TEST_P(Agent, ThatRefusesToSignIsNamed) {
  start_server();
  // It is to ask before it signs, and has nobody to ask.
  keys_.add(server().user_key(), {"-c"});
  expect_failure();
  EXPECT_TRUE(explained(tunnel().log(), "agent-refused"));
}

TUNNEL_RUN_SCENARIO(Agent, openssh_only);

/// Keys that the agent is to use with one server alone (ssh-add -h).
class DestinedKey : public Agent {
 protected:
  void destine(const std::string& host) {
    keys_.add(server().user_key(), {"-H", server().known_hosts().string(), "-h", host});
  }
};

TEST_P(DestinedKey, LogsInThere) {
  start_server();
  destine(server().host_in_known_hosts());
  start_tunnel(from_agent());
}

TEST_P(DestinedKey, LogsInNowhereElse) {
  start_server();
  const auto other = make_key(files() / "other");
  write_file(files() / "known_hosts", "elsewhere " + other.public_line() + '\n');
  keys_.add(server().user_key(), {"-H", (files() / "known_hosts").string(), "-h", "elsewhere"});
  expect_failure();
}

TUNNEL_RUN_SCENARIO(DestinedKey, native_only);

/// Fifty keys that the server does not know, and behind them the one that it does.
class CrowdedAgent : public Agent {
 protected:
  CrowdedAgent() {
    start_server();
    // Made by one program: that many calls of ssh-keygen take their time.
    const auto made =
        run({.arguments = {"/bin/sh", "-c",
                           "for i in $(seq 50); do ssh-keygen -q -t ed25519 -N '' -C '' -f \"$0/$i\"; "
                           "done; ssh-add -q \"$0\"/?? \"$0\"/?",
                           files().path().string()},
             .environment = keys_.environment()},
            seconds(40));
    EXPECT_EQ(made.exit_code, 0) << made.errors;
    keys_.add(server().user_key());
  }

  std::filesystem::path public_file() { return server().user_key().private_file.string() + ".pub"; }
};

// MaxAuthTries is 6 unless sshd_config says otherwise.
TEST_P(CrowdedAgent, HasMoreKeysThanTheServerHasPatience) {
  expect_failure();
  EXPECT_TRUE(explained(tunnel().log(), "too-many-failures"));
}

TEST_P(CrowdedAgent, FailsInTheSameWayWithSsh) {
  const auto outcome =
      run({.arguments = {"ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "GlobalKnownHostsFile=none", "-o",
                         "UserKnownHostsFile=" + server().known_hosts().string(), "-p",
                         std::to_string(server().port()), "127.0.0.1", "true"},
           .environment = keys_.environment()});
  EXPECT_EQ(outcome.exit_code, could_not_authenticate);
  EXPECT_THAT(outcome.errors, HasSubstr("Too many authentication failures"));
}

TEST_P(CrowdedAgent, LogsInByTheOneKeyThatIsNamed) {
  // The private part is the agent's alone.
  const auto named = files() / "named.pub";
  std::filesystem::copy_file(public_file(), named);
  start_tunnel({.identity = named, .environment = keys_.environment()});
  EXPECT_THAT(server().log(), Not(HasSubstr("Failed publickey")));
}

TEST_P(CrowdedAgent, IsAskedForAKeyThatIsNamedFirst) {
  // Without IdentitiesOnly, too: what the user names comes before the rest (as with ssh).
  auto settings = from_agent();
  const auto named = files() / "named.pub";
  std::filesystem::copy_file(public_file(), named);
  settings.arguments = {"-i", named.string()};
  start_tunnel(settings);
}

TUNNEL_RUN_SCENARIO(CrowdedAgent, openssh_only);

struct key_in_agent {
  std::string engine;
  /// As make_key() takes it.
  std::string type;
};

std::ostream& operator<<(std::ostream& out, const key_in_agent& shown) {
  auto name = shown.type;
  std::replace(name.begin(), name.end(), ':', '_');
  return out << shown.engine << '_' << name;
}

std::vector<key_in_agent> every_type() {
  std::vector<key_in_agent> all;
  for (const auto& engine : engines())
    for (const std::string type : {"ed25519", "ecdsa:256", "ecdsa:384", "ecdsa:521", "rsa:2048"})
      all.push_back({engine, type});
  return all;
}

class KeyInAgent : public stage, public testing::WithParamInterface<key_in_agent> {
 protected:
  KeyInAgent() : stage({GetParam().engine, server_kind::openssh}) {}
};

TEST_P(KeyInAgent, LogsIn) {
  const auto key = make_key(files() / "key", GetParam().type);
  write_file(files() / "allowed", key.public_line() + '\n');
  start_server({.config = {"AuthorizedKeysFile " + (files() / "allowed").string()}});
  const agent keys;
  keys.add(key);
  std::filesystem::remove(key.private_file);
  launch_tunnel({.identity = "", .environment = keys.environment()});
  // The distribution's libssh2 asks for signatures by SHA-1 alone, which sshd refuses.
  if (engine() == "libssh2" && GetParam().type == "rsa:2048")
    EXPECT_EQ(tunnel().wait(), could_not_authenticate);
  else
    tunnel().wait_until_ready();
}

INSTANTIATE_TEST_SUITE_P(, KeyInAgent, testing::ValuesIn(every_type()), testing::PrintToStringParamName());

}  // namespace
}  // namespace tunnel::integration
