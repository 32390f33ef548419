#include "contract/engine_stage.hpp"

namespace tunnel::integration {
namespace {

using ssh::errc;

/// Notes what a command says beside its output.
class command_log final : public ssh::command_observer {
 public:
  void on_standard_error(octet_view data) override {
    errors += as_text(data);
    ended_before_errors = ended_before_errors || how;
    if (react) react();
  }
  void on_exit(const ssh::command_exit& told) override {
    how = told;
    if (react) react();
  }

  std::string errors;
  bool ended_before_errors = false;
  std::optional<ssh::command_exit> how;
  std::function<void()> react;
};

class EngineCommand : public engine_stage {
 protected:
  /// Runs it without input to its end.
  std::unique_ptr<channel_user> run(ssh::connection& on, const std::string& command) {
    auto user = start(on, command);
    user->send_eof();
    user->react([this](channel_user::event what) {
      if (what == channel_user::event::closed) exit_was_told_first_ = log_.how.has_value();
    });
    EXPECT_TRUE(until([&] { return user->closed() != 0; }));
    EXPECT_TRUE(user->intact());
    EXPECT_TRUE(exit_was_told_first_);
    return user;
  }

  std::unique_ptr<channel_user> start(ssh::connection& on, const std::string& command) {
    return use(wait(on.run(command, log_, patience)));
  }

  command_log log_;
  bool exit_was_told_first_ = false;
};

TEST_P(EngineCommand, TellsOutputErrorsAndStatusApart) {
  const auto connection = connect();
  const auto user = run(*connection, "printf output; printf errors >&2; exit 3");
  EXPECT_EQ(user->received(), "output");
  EXPECT_TRUE(user->eof());
  EXPECT_EQ(log_.errors, "errors");
  EXPECT_FALSE(log_.ended_before_errors);
  EXPECT_EQ(log_.how->status, 3U);
  EXPECT_EQ(log_.how->signal, "");
}

TEST_P(EngineCommand, TellsASuccess) {
  const auto connection = connect();
  EXPECT_EQ(run(*connection, "true")->received(), "");
  EXPECT_EQ(log_.how->status, 0U);
}

TEST_P(EngineCommand, TellsTheSignalThatEndedIt) {
  const auto connection = connect();
  run(*connection, "kill -TERM $$");
  EXPECT_EQ(log_.how->signal, "TERM");
  EXPECT_FALSE(log_.how->status);
}

TEST_P(EngineCommand, TakesALotOfInputAndGivesItBack) {
  static constexpr std::size_t amount = 4 * mebibyte;
  const auto connection = connect();
  const auto user = start(*connection, "cat");
  user->expect_pattern(1);
  user->send_pattern(1, amount);
  user->send_eof();
  EXPECT_TRUE(until([&] { return user->closed() != 0; })) << user->count();
  EXPECT_EQ(user->count(), amount);
  EXPECT_TRUE(user->intact());
  EXPECT_EQ(log_.how->status, 0U);
}

TEST_P(EngineCommand, SaysErrorsWithoutEndThoughNobodyTakesItsOutput) {
  const auto connection = connect();
  // More than any window, beside output that stays where it is.
  const auto user = start(*connection, "echo first; head -c 5000000 /dev/zero >&2; echo last");
  user->pause();
  EXPECT_TRUE(until([&] { return log_.errors.size() == 5000000; })) << log_.errors.size();
  EXPECT_FALSE(log_.how);
  user->resume();
  EXPECT_TRUE(until([&] { return user->closed() != 0; }));
  EXPECT_EQ(user->received(), "first\nlast\n");
}

TEST_P(EngineCommand, RunsBesideOthers) {
  const auto connection = connect();
  command_log other;
  const auto cat = start(*connection, "cat");
  auto second = use(wait(connection->run("echo second; exit 2", other, patience)));
  EXPECT_TRUE(until([&] { return second->closed() != 0; }));
  EXPECT_EQ(second->received(), "second\n");
  EXPECT_EQ(other.how->status, 2U);
  EXPECT_TRUE(echoes(*connection));
  cat->send("first");
  cat->send_eof();
  EXPECT_TRUE(until([&] { return cat->closed() != 0; }));
  EXPECT_EQ(cat->received(), "first");
  EXPECT_EQ(log_.how->status, 0U);
}

TEST_P(EngineCommand, EndsWhenItsChannelGoes) {
  const temp_directory files;
  const auto connection = connect();
  const auto mark = (files / "ended").string();
  const auto user = start(*connection, "cat; touch " + mark);
  user->drop();
  EXPECT_TRUE(until([&] { return std::filesystem::exists(mark); }));
  EXPECT_FALSE(log_.how) << "nobody is told any more";
  EXPECT_TRUE(echoes(*connection));
}

TEST_P(EngineCommand, MayBeDroppedWhenItSaysAnError) {
  const auto connection = connect();
  const auto user = start(*connection, "while :; do echo error >&2; done");
  bool dropped = false;
  log_.react = [&] {
    EXPECT_FALSE(dropped);
    dropped = true;
    user->drop();
  };
  ASSERT_TRUE(until([&] { return dropped; }));
  EXPECT_TRUE(echoes(*connection));
}

TEST_P(EngineCommand, MayBeDroppedWhenItHasEnded) {
  const auto connection = connect();
  const auto user = start(*connection, "exit 4");
  log_.react = [&] { user->drop(); };
  ASSERT_TRUE(until([&] { return log_.how.has_value(); }));
  EXPECT_TRUE(echoes(*connection));
  EXPECT_EQ(user->closed(), 0U);
}

TEST_P(EngineCommand, IsGivenUpByCancelling) {
  const auto connection = connect();
  started running(context(), connection->run("cat", log_, patience));
  support::run_ready(context());
  running.cancel();
  EXPECT_TRUE(until([&] { return running.done(); }));
  EXPECT_TRUE(echoes(*connection));
}

TEST_P(EngineCommand, IsLostWithItsConnection) {
  const auto connection = connect();
  const auto user = start(*connection, "cat");
  server().stop();
  EXPECT_TRUE(until([&] { return user->closed() == 1; }));
  EXPECT_TRUE(user->lost());
  EXPECT_FALSE(log_.how);
  const auto outcome = wait(connection->run("true", log_, patience));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::connection_lost);
}

TUNNEL_RUN_SCENARIO(EngineCommand, every_daemon);

/// A server that gives no sessions.
class EngineNoCommand : public EngineCommand {};

TEST_P(EngineNoCommand, IsRefused) {
  start_server({.config = {"MaxSessions 0"}});
  const auto connection = connect();
  const auto outcome = wait(connection->run("true", log_, patience));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::connect_failed);
  EXPECT_TRUE(echoes(*connection));
}

TUNNEL_RUN_SCENARIO(EngineNoCommand, openssh_only);

}  // namespace
}  // namespace tunnel::integration
