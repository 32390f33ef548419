#include "support/terminal.hpp"

#include <gmock/gmock.h>

#include "support/password_server.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;
using testing::Not;

class Terminal : public scenario {
 protected:
  /// Everything is shown but what is typed in answer to a prompt for a secret.
  void expect_not_shown(const std::string& secret) {
    EXPECT_THAT(terminal_.screen(), Not(HasSubstr(secret)));
    EXPECT_THAT(tunnel().log(), Not(HasSubstr(secret)));
  }

  terminal terminal_;
};

TEST_P(Terminal, IsAskedWhetherAnUnknownHostKeyIsRight) {
  start_server();
  const auto known_hosts = files() / "known_hosts";
  launch_tunnel({.known_hosts = known_hosts, .batch = false, .terminal = terminal_.device()});
  terminal_.wait_for("SHA256:");
  terminal_.wait_for("yes/no");
  terminal_.type("yes");
  tunnel().wait_until_ready();
  EXPECT_THAT(read_file(known_hosts), HasSubstr(server().host_key_line()));
}

TEST_P(Terminal, MayRefuseAnUnknownHostKey) {
  start_server();
  const auto known_hosts = files() / "known_hosts";
  launch_tunnel({.known_hosts = known_hosts, .batch = false, .terminal = terminal_.device()});
  terminal_.wait_for("yes/no");
  terminal_.type("no");
  EXPECT_EQ(tunnel().wait(), 255);
  EXPECT_EQ(read_file(known_hosts), "");
}

TEST_P(Terminal, GivesThePassphraseOfAKey) {
  start_server();
  const auto key = files() / "encrypted";
  std::filesystem::copy_file(server().user_key().private_file, key);
  ASSERT_EQ(run({.arguments = {"ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", key.string()}})
                .exit_code,
            0);
  launch_tunnel({.identity = key, .batch = false, .terminal = terminal_.device()});
  terminal_.wait_for(key.string());
  terminal_.type("open sesame");
  tunnel().wait_until_ready();
  expect_not_shown("open sesame");
}

TEST_P(Terminal, GivesThePassword) {
  const password_server server("password");
  launch_tunnel_to(
      server.port(), password_server::user,
      {.identity = "", .known_hosts = server.known_hosts(), .batch = false, .terminal = terminal_.device()});
  terminal_.wait_for("password");
  terminal_.type(password_server::password);
  tunnel().wait_until_ready();
  expect_not_shown(password_server::password);
}

TUNNEL_RUN_SCENARIO(Terminal, openssh_only);

}  // namespace
}  // namespace tunnel::integration
