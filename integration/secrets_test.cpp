#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>

#include "support/password_server.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;
using testing::Not;

/// What happens with a password when the connection is lost.
class Secrets : public scenario {
 protected:
  /// An askpass program that counts its calls, and that has no answer while `away()` exists.
  std::map<std::string, std::string> asking() {
    const auto program = files() / "askpass";
    write_file(program, "#!/bin/sh\necho asked >> '" + calls().string() + "'\ntest ! -e '" + away().string() +
                            "' && echo '" + password_server::password + "'\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    return {{"SSH_ASKPASS", program.string()}, {"SSH_ASKPASS_REQUIRE", "force"}};
  }
  std::filesystem::path calls() { return files() / "calls"; }
  std::filesystem::path away() { return files() / "away"; }
  std::ptrdiff_t times_asked() {
    return std::filesystem::exists(calls()) ? std::ranges::count(read_file(calls()), '\n') : 0;
  }

  void start(std::vector<std::string> arguments = {}) {
    launch_tunnel_to(server_.port(), password_server::user,
                     {.identity = "",
                      .known_hosts = server_.known_hosts(),
                      .batch = false,
                      .arguments = std::move(arguments),
                      .environment = asking()})
        .wait_until_ready();
  }
  bool reconnected() { return tunnel().logs("connected to", 2); }
  bool works() {
    const origin target(echo());
    return echoes(connect_through(port(), {"127.0.0.1", target.port()}), "data");
  }

  password_server server_{"password"};
};

TEST_P(Secrets, AreRememberedForTheServersReturn) {
  start();
  server_.restart();
  EXPECT_TRUE(reconnected());
  EXPECT_TRUE(works());
  EXPECT_EQ(times_asked(), 1);
}

TEST_P(Secrets, AreAskedForAgainWhenTheyAreToBeForgotten) {
  start({"--forget-secrets"});
  server_.restart();
  EXPECT_TRUE(reconnected());
  EXPECT_TRUE(works());
  EXPECT_EQ(times_asked(), 2);
}

TEST_P(Secrets, AreWaitedForWhenNobodyAnswers) {
  start({"--forget-secrets"});
  write_file(away(), "");
  server_.restart();
  EXPECT_TRUE(tunnel().logs("waiting for an answer to"));
  EXPECT_THAT(tunnel().log(), HasSubstr("password"));
  EXPECT_THAT(tunnel().log(), Not(HasSubstr(password_server::password)));
  // More often than a server may refuse.
  EXPECT_TRUE(eventually([&] { return times_asked() > 3; }));
  EXPECT_TRUE(tunnel().running());
  std::filesystem::remove(away());
  // Rather than the rest of the pause.
  tunnel().signal(SIGHUP);
  EXPECT_TRUE(reconnected());
  EXPECT_TRUE(works());
}

TUNNEL_RUN_SCENARIO(Secrets, openssh_only);

}  // namespace
}  // namespace tunnel::integration
