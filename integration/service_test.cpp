#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <exception>
#include <filesystem>
#include <future>
#include <optional>
#include <vector>

#include "support/scenario.hpp"
#include "support/terminal.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;
using testing::Not;

/// How a tunnel that runs all day is dealt with from outside.
class Service : public scenario {
 protected:
  std::string socket() const { return (folder_ / "control").string(); }

  void start() { start_tunnel({.arguments = {"-S", socket()}}); }

  finished ask_it(const std::string& what) {
    return run({.arguments = {tunnel_binary(), "-S", socket(), "-O", what}});
  }

  bool echoes_through() {
    const auto flow = connect_through(port(), {"127.0.0.1", echo_.port()});
    return echoes(flow, "data");
  }

  temp_directory folder_;
  origin echo_{echo()};
};

TEST_P(Service, SaysWhatItIsDoing) {
  start();
  const auto flow = connect_through(port(), {"127.0.0.1", echo_.port()});
  EXPECT_THAT(ask_it("check").output, HasSubstr("running, process " + std::to_string(tunnel().pid())));
  const auto status = ask_it("status");
  EXPECT_EQ(status.exit_code, 0);
  EXPECT_THAT(status.output, HasSubstr("listening on 127.0.0.1:" + std::to_string(port())));
  EXPECT_THAT(status.output, HasSubstr("connection 1: ready, 1 flows; SSH-2.0-"));
  tunnel().signal(SIGUSR1);
  EXPECT_TRUE(tunnel().logs("connection 1: ready, 1 flows"));
}

TEST_P(Service, SaysWhyItHasNoConnection) {
  start();
  server().stop();
  EXPECT_TRUE(tunnel().logs("could not reconnect"));
  EXPECT_TRUE(eventually([&] {
    const auto status = ask_it("status").output;
    return status.find("no connection: connect to host") != std::string::npos &&
           status.find("Connection refused") != std::string::npos &&
           status.find("; next attempt in ") != std::string::npos;
  }));
  tunnel().signal(SIGUSR1);
  EXPECT_TRUE(tunnel().logs("no connection: connect to host"));
}

TEST_P(Service, IsAskedAtControlPathWithoutOption) {
  start();
  const auto config = folder_ / "config";
  write_file(config, "Host mine\n  ControlPath " + socket() + "\n");
  const auto ask = [&](const std::string& host) {
    return run({.arguments = {tunnel_binary(), "-F", config.string(), "-O", "check", host}});
  };
  EXPECT_THAT(ask("mine").output, HasSubstr("running, process " + std::to_string(tunnel().pid())));
  const auto other = ask("other");
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.errors, HasSubstr("ControlPath for other"));
}

TEST_P(Service, HasItsSocketWhereTokensSay) {
  start_tunnel({.arguments = {"-S", (folder_ / "%%-%p").string()}});
  const auto path = folder_ / ("%-" + std::to_string(server().port()));
  EXPECT_TRUE(std::filesystem::is_socket(path));
  const auto asked = run({.arguments = {tunnel_binary(), "-F", "none", "-S", (folder_ / "%%-%p").string(),
                                        "-p", std::to_string(server().port()), "-O", "check", "127.0.0.1"}});
  EXPECT_THAT(asked.output, HasSubstr("running, process " + std::to_string(tunnel().pid())));
}

TEST_P(Service, KnowsThatItsSocketIsAnothersBeforeItLogsIn) {
  start();
  tunnel_process second({"--engine", engine(), "-F", "none", "-D", "127.0.0.1:0", "-S", socket(), "-o",
                         "ProxyCommand=sleep 60", "127.0.0.1"});
  EXPECT_EQ(second.wait(), 2);
  EXPECT_THAT(second.log(), HasSubstr(socket() + " is another tunnel's"));
  EXPECT_THAT(ask_it("check").output, HasSubstr("running, process " + std::to_string(tunnel().pid())));
}

TEST_P(Service, EndsWhenAsked) {
  start();
  EXPECT_EQ(ask_it("exit").exit_code, 0);
  EXPECT_EQ(tunnel().wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(socket()));
  const auto late = ask_it("check");
  EXPECT_EQ(late.exit_code, 255);
  EXPECT_THAT(late.errors, HasSubstr(socket()));
}

TEST_P(Service, StopsWithItsLastFlow) {
  start();
  auto flow = connect_through(port(), {"127.0.0.1", echo_.port()});
  ASSERT_TRUE(echoes(flow, "before"));
  EXPECT_EQ(ask_it("stop").exit_code, 0);
  EXPECT_TRUE(eventually([&] {
    try {
      tcp_stream::connect("127.0.0.1", port());
      return false;
    } catch (const std::system_error&) {
      return true;
    }
  }));
  // Longer than a signal gives it.
  EXPECT_FALSE(tunnel().wait(seconds(3)));
  EXPECT_TRUE(echoes(flow, "after"));
  flow.close();
  EXPECT_EQ(tunnel().wait(), 0);
}

TEST_P(Service, MakesNewConnectionsWhenAsked) {
  start();
  EXPECT_EQ(ask_it("reconnect").exit_code, 0);
  EXPECT_TRUE(tunnel().logs("connected to", 2));
  EXPECT_TRUE(echoes_through());
}

TEST_P(Service, TakesItsSocketAwayWhenItEndsWhileItReconnects) {
  const auto hang = (folder_ / "hang").string();
  const auto command = "/bin/sh -c 'test -e " + hang + " || exec nc %h %p; exec sleep 60'";
  start_tunnel({.arguments = {"-S", socket(), "-o", "ProxyCommand=" + command}});
  write_file(hang, "");
  EXPECT_EQ(ask_it("reconnect").exit_code, 0);
  EXPECT_TRUE(eventually([&] { return ask_it("status").output.find("connecting") != std::string::npos; }));
  const auto commands = child_processes(tunnel().pid());
  EXPECT_EQ(ask_it("exit").exit_code, 0);
  EXPECT_EQ(tunnel().wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(socket()));
  for (const auto each : commands) EXPECT_NE(::kill(each, 0), 0) << "a command is still there";
}

TEST_P(Service, LosesNoTimeOverItsFlowsWhenItIsToldTwiceToEnd) {
  start();
  const auto flow = connect_through(port(), {"127.0.0.1", echo_.port()});
  ASSERT_TRUE(echoes(flow, "data"));
  tunnel().signal(SIGTERM);
  EXPECT_TRUE(tunnel().logs("stopping"));
  tunnel().signal(SIGTERM);
  EXPECT_EQ(tunnel().wait(seconds(2)), 0);
  EXPECT_FALSE(std::filesystem::exists(socket()));
}

TEST_P(Service, OpensItsLogAnewOnHangup) {
  start_tunnel();
  const auto log = tunnel().log_file();
  std::filesystem::rename(log, folder_ / "log.1");
  tunnel().signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return std::filesystem::exists(log); }));
  EXPECT_TRUE(echoes_through());
}

// Its connections log on threads of their own.
TEST_P(Service, OpensItsLogAnewWhileFlowsAreLogged) {
  start_tunnel({.arguments = {"-vvv"}});
  std::atomic<bool> over = false;
  const auto use = [&] {
    while (!over) {
      try {
        ask(port(), socks_version::v5, {"127.0.0.1", echo_.port()});
      } catch (const std::exception&) {
        // Its connection was just being replaced.
      }
    }
  };
  std::vector<std::future<void>> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(std::async(std::launch::async, use));
  const auto log = tunnel().log_file();
  for (int i = 0; i < 300 && tunnel().running(); ++i) {
    std::filesystem::remove(log);
    tunnel().signal(SIGHUP);
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(log) || !tunnel().running(); }));
  }
  over = true;
  for (auto& each : clients) each.get();
  tunnel().signal(SIGTERM);
  EXPECT_EQ(tunnel().wait(), 0);
}

TEST_P(Service, GoesOnWithTheOldLogWhereThereCanBeNoNewOne) {
  start_tunnel();
  const auto log = tunnel().log_file();
  const auto old = folder_ / "log.1";
  std::filesystem::rename(log, old);
  std::filesystem::create_directory(log);
  tunnel().signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return read_file(old).find("hangup") != std::string::npos; }));
  EXPECT_THAT(read_file(old), HasSubstr(log.string() + ": Is a directory; going on with the old one"));
  EXPECT_TRUE(echoes_through());
  // Its log is shown where this has failed.
  std::filesystem::remove(log);
}

TEST_P(Service, LetsNobodyElseReadItsLog) {
  using std::filesystem::perms;
  const auto before = ::umask(0);
  start_tunnel();
  ::umask(before);
  const auto permissions = std::filesystem::status(tunnel().log_file()).permissions();
  EXPECT_EQ(permissions, perms::owner_read | perms::owner_write);
}

// The kernel says SIGHUP to what runs on a terminal that is gone.
TEST_P(Service, EndsWithItsTerminal) {
  std::optional<terminal> screen(std::in_place);
  start_tunnel({.terminal = screen->device()});
  screen.reset();
  EXPECT_EQ(tunnel().wait(), 0);
  EXPECT_THAT(tunnel().log(), HasSubstr("stopping"));
}

TEST_P(Service, GoesOnAfterAHangupThatItsTerminalSurvives) {
  const terminal screen;
  start_tunnel({.terminal = screen.device()});
  tunnel().signal(SIGHUP);
  EXPECT_TRUE(tunnel().logs("connected to", 2));
  EXPECT_TRUE(echoes_through());
}

// As nohup begins it, and a script what it runs with "&".
TEST_P(Service, OutlivesItsTerminalWhereTheHangupIsIgnored) {
  std::optional<terminal> screen(std::in_place);
  const auto before = std::signal(SIGHUP, SIG_IGN);
  start_tunnel({.terminal = screen->device()});
  std::signal(SIGHUP, before);
  screen.reset();
  // Were the hangup heeded, it would be before this: pending signals come in the order of their numbers.
  tunnel().signal(SIGUSR1);
  EXPECT_TRUE(tunnel().logs("connection 1: ready"));
  EXPECT_THAT(tunnel().log(), Not(HasSubstr("stopping")));
  EXPECT_TRUE(echoes_through());
}

TEST_P(Service, OutlivesItsTerminalInTheBackground) {
  const auto log = (folder_ / "log").string();
  std::optional<terminal> screen(std::in_place);
  auto& front = launch_tunnel({.arguments = {"-f", "-S", socket(), "-E", log}, .terminal = screen->device()});
  EXPECT_EQ(front.wait(), 0);
  screen.reset();
  EXPECT_EQ(ask_it("check").exit_code, 0);
  EXPECT_THAT(ask_it("status").output, HasSubstr("connection 1: ready"));
  EXPECT_EQ(ask_it("exit").exit_code, 0);
  EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(socket()); }));
}

TEST_P(Service, GoesOnAfterAHangupInTheBackground) {
  const auto log = folder_ / "log";
  const terminal screen;
  auto& front =
      launch_tunnel({.arguments = {"-f", "-S", socket(), "-E", log.string()}, .terminal = screen.device()});
  EXPECT_EQ(front.wait(), 0);
  std::filesystem::rename(log, folder_ / "log.1");
  const auto said = ask_it("check").output;
  ::kill(std::stoi(said.substr(said.rfind(' '))), SIGHUP);
  EXPECT_TRUE(eventually([&] { return read_file(log).find("connected to") != std::string::npos; }));
  EXPECT_THAT(read_file(folder_ / "log.1"), HasSubstr("connected to"));
  EXPECT_EQ(ask_it("exit").exit_code, 0);
  EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(socket()); }));
}

// A shell's <(...) is one.
TEST_P(Service, ReadsFromADescriptorOfItsCallers) {
  const auto config = folder_ / "config";
  write_file(config, "Host *\n  LogLevel debug\n");
  const descriptor open(::open(config.c_str(), O_RDONLY));
  start_tunnel({.config_file = "/dev/fd/" + std::to_string(open.get())});
  EXPECT_TRUE(echoes_through());
}

// As those of a script under flock, which holds its lock for as long as they are open.
TEST_P(Service, KeepsNoDescriptorOfItsCallersInTheBackground) {
  start_server();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const descriptor read_end(ends[0]);
  descriptor write_end(ends[1]);
  auto& front = launch_tunnel({.arguments = {"-f", "-S", socket(), "-E", (folder_ / "log").string()}});
  write_end = descriptor();
  EXPECT_EQ(front.wait(), 0);
  pollfd closed{read_end.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&closed, 1, 0), 1) << "it is ready once that is closed";
  EXPECT_EQ(ask_it("exit").exit_code, 0);
  EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(socket()); }));
}

TEST_P(Service, GoesToTheBackgroundOnceItListens) {
  const auto log = (folder_ / "log").string();
  auto& front = launch_tunnel({.arguments = {"-f", "-S", socket(), "-E", log}});
  EXPECT_EQ(front.wait(), 0);
  const auto status = ask_it("status");
  EXPECT_THAT(status.output, HasSubstr("connection 1: ready"));
  EXPECT_EQ(ask_it("exit").exit_code, 0);
  EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(socket()); }));
}

TEST_P(Service, SaysWhyItDoesNotGoToTheBackground) {
  auto& front = launch_tunnel({.listeners = {"192.0.2.1:1080"}, .arguments = {"-f"}});
  EXPECT_EQ(front.wait(), 2);
  EXPECT_THAT(front.log(), HasSubstr("192.0.2.1:1080"));
}

TUNNEL_RUN_SCENARIO(Service, openssh_only);

}  // namespace
}  // namespace tunnel::integration
