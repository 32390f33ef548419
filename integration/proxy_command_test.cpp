#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>

#include "support/scenario.hpp"
#include "support/transfer.hpp"
#include "support/troubleshooting.hpp"

namespace tunnel::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int could_not_connect = 255;

class ProxyCommand : public scenario {
 protected:
  static tunnel_settings by(const std::string& command) {
    return {.arguments = {"-o", "ProxyCommand=" + command}};
  }
};

TEST_P(ProxyCommand, CarriesTheConnection) {
  const origin target(echo());
  start_tunnel(by("nc %h %p"));
  EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", target.port()}), "by a command"));
  EXPECT_EQ(exchange_patterns(port(), std::size_t{8} << 20U, patience), "");
}

TEST_P(ProxyCommand, TakesTheShellsPlaceAndEndsWithTheConnection) {
  start_tunnel(by("nc %h %p"));
  const auto commands = child_processes(tunnel().pid());
  ASSERT_EQ(commands.size(), 1U);
  EXPECT_THAT(read_file("/proc/" + std::to_string(commands.front()) + "/comm"), HasSubstr("nc"));
  tunnel().signal(SIGTERM);
  EXPECT_EQ(tunnel().wait(), 0);
  EXPECT_TRUE(eventually([&] { return ::kill(commands.front(), 0) != 0; }));
}

TEST_P(ProxyCommand, ThatIgnoresBeingHungUpIsEnded) {
  // The connection fails, since nobody answers; the command must not stay behind.
  const auto mark = (files() / "pid").string();
  auto settings = by("/bin/sh -c 'trap \"\" HUP; echo $$ >" + mark + "; exec sleep 60'");
  settings.arguments.insert(settings.arguments.end(), {"--connect-timeout", "2"});
  launch_tunnel(settings);
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  const auto process = std::stoi(read_file(mark));
  EXPECT_TRUE(eventually([&] { return ::kill(process, 0) != 0; }));
}

TEST_P(ProxyCommand, EndsWithAProgramThatIsEndedWhileItConnects) {
  const auto mark = (files() / "pid").string();
  launch_tunnel(by("/bin/sh -c 'trap \"\" HUP TERM; echo $$ >" + mark + ".new; mv " + mark + ".new " + mark +
                   "; exec sleep 60'"));
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(mark); }));
  tunnel().signal(SIGTERM);
  ASSERT_TRUE(tunnel().wait());
  EXPECT_NE(::kill(std::stoi(read_file(mark)), 0), 0) << "the command is still there";
}

TEST_P(ProxyCommand, SpeaksToTheLogOnStandardError) {
  launch_tunnel(by("/bin/sh -c 'printf \"no way \\033[31mthere\\n\" >&2; exit 3'"));
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_THAT(tunnel().log(),
              AllOf(HasSubstr("ProxyCommand: no way \\x1b[31mthere"), HasSubstr("through the ProxyCommand")));
}

TEST_P(ProxyCommand, ThatIsNoProgramIsExplained) {
  launch_tunnel(by("/nowhere/connect %h %p"));
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_THAT(tunnel().log(), HasSubstr("/nowhere/connect: "));
  EXPECT_THAT(tunnel().log(), HasSubstr("the ProxyCommand exited with status 127"));
  EXPECT_TRUE(explained(tunnel().log(), "command-failed"));
}

TEST_P(ProxyCommand, ThatSaysNothingIsGivenUp) {
  auto settings = by("sleep 60");
  settings.arguments.insert(settings.arguments.end(), {"--connect-timeout", "2"});
  launch_tunnel(settings);
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_THAT(tunnel().log(), HasSubstr("within 2 s"));
}

TEST_P(ProxyCommand, IsRunAnewForANewConnection) {
  const origin target(echo());
  start_tunnel(by("nc %h %p"));
  for (const auto command : child_processes(tunnel().pid())) ::kill(command, SIGKILL);
  EXPECT_TRUE(eventually([&] {
    const auto again = ask(port(), socks_version::v5, {"127.0.0.1", target.port()});
    return again.code == reply::succeeded && echoes(again.stream, "again");
  }));
}

TEST_P(ProxyCommand, NoneIsNone) {
  start_tunnel(by("none"));
  EXPECT_THAT(tunnel().log(), Not(HasSubstr("ProxyCommand")));
}

TEST_P(ProxyCommand, GetsNoValueThatAShellWouldRead) {
  start_server();
  tunnel_process attempt({"--engine", engine(), "-F", "none", "-o", "ProxyCommand=nc %h %p %r", "-l",
                          "x$(touch owned)", "127.0.0.1"});
  EXPECT_EQ(attempt.wait(), 2);
  tunnel_process variable(
      {"--engine", engine(), "-F", "none", "-o", "ProxyCommand=nc %h %p %r", "-l", "$HOME", "127.0.0.1"});
  EXPECT_EQ(variable.wait(), 2);
  EXPECT_THAT(variable.log(), HasSubstr("must not be given to a shell"));
}

TUNNEL_RUN_SCENARIO(ProxyCommand, openssh_only);

}  // namespace
}  // namespace tunnel::integration
