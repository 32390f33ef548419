#include <poll.h>

#include <algorithm>
#include <atomic>

#include "contract/engine_stage.hpp"
#include "support/blackhole.hpp"

namespace tunnel::integration {
namespace {

using ssh::errc;
using testing::HasSubstr;

/// A listener whose backlog is full until it is relieved: whoever connects before that gets through late.
class late_target {
 public:
  late_target() {
    for (int i = 0; i < 16; ++i) {
      try {
        fill_.push_back(tcp_stream::connect("127.0.0.1", port(), milliseconds(300)));
      } catch (const timed_out&) {
        return;
      }
    }
  }
  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

  /// Lets go of what fills the backlog, and gives the one who has waited.
  tcp_stream relieve() {
    for (std::size_t i = 0; i < fill_.size(); ++i) static_cast<void>(listener_.accept());
    return listener_.accept();
  }
  [[nodiscard]] bool waited_for() const {
    pollfd waiting{listener_.native_handle(), POLLIN, 0};
    return ::poll(&waiting, 1, 0) == 1;
  }

 private:
  tcp_listener listener_{"127.0.0.1", 0, 0};
  std::vector<tcp_stream> fill_;
};

class EngineOpen : public engine_stage {
 protected:
  std::vector<started<channel_result>> begin_many(ssh::connection& on, std::uint16_t port,
                                                  std::size_t count) {
    std::vector<started<channel_result>> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(begin_open(on, port));
    return all;
  }
};

TEST_P(EngineOpen, ConnectsToTheTarget) {
  const auto connection = connect();
  EXPECT_TRUE(echoes(*connection));
}

TEST_P(EngineOpen, SaysThatTheTargetRefused) {
  const auto connection = connect();
  connection_log log;
  connection->observe(&log);
  const auto outcome = open(*connection, free_port());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::connect_failed);
  // libssh2 drops the server's description.
  if (is_openssh()) {
    EXPECT_THAT(outcome.error().message, HasSubstr(is_native() ? "Connection refused" : "connect failed"));
  }
  EXPECT_EQ(log.settled, 1U);
  EXPECT_TRUE(echoes(*connection));
  connection->observe(nullptr);
}

TEST_P(EngineOpen, GivesUpAfterTheLimitAndGoesOn) {
  const blackhole hole;
  const auto connection = connect();
  const stopwatch watch;
  const auto outcome = open(*connection, hole.port(), milliseconds(200));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::open_timeout);
  EXPECT_GE(watch.elapsed(), milliseconds(200));
  // libssh2 has its one place taken until the server answers.
  if (is_native()) {
    EXPECT_TRUE(echoes(*connection));
  }
}

TEST_P(EngineOpen, ClosesAChannelThatOpensTooLate) {
  late_target target;
  const auto connection = connect();
  connection_log log;
  connection->observe(&log);
  const auto outcome = open(*connection, target.port(), milliseconds(100));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::open_timeout);
  const auto late = target.relieve();
  bool ended = false;
  EXPECT_TRUE(until([&] {
    if (!ended && late.readable(milliseconds(0))) ended = late.receive_to_end().data.empty();
    return ended && log.settled == 1;
  }));
  EXPECT_TRUE(echoes(*connection));
  connection->observe(nullptr);
}

TEST_P(EngineOpen, IsGivenUpByCancelling) {
  const blackhole hole;
  const auto connection = connect();
  auto opening = begin_open(*connection, hole.port());
  support::run_ready(context());
  opening.cancel();
  EXPECT_TRUE(until([&] { return opening.done(); }));
  if (is_native()) {
    EXPECT_TRUE(echoes(*connection));
  }
}

TEST_P(EngineOpen, RunsAsManyAtOnceAsItsLimitAllows) {
  const origin target(echo());
  const auto connection = connect();
  connection_log log;
  connection->observe(&log);
  const auto count = std::min<std::size_t>(connection->open_limit(), 64);
  EXPECT_EQ(count, is_native() ? 64U : 1U);
  auto opening = begin_many(*connection, target.port(), count);
  std::vector<std::unique_ptr<channel_user>> users;
  for (auto& each : opening) users.push_back(use(std::move(each.wait())));
  EXPECT_EQ(log.settled, count);
  for (std::size_t i = 0; i < count; ++i) {
    users[i]->send("flow " + std::to_string(i));
    users[i]->send_eof();
  }
  EXPECT_TRUE(until([&] { return std::ranges::all_of(users, [](auto& each) { return each->eof(); }); }));
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(users[i]->received(), "flow " + std::to_string(i));
  connection->observe(nullptr);
}

TEST_P(EngineOpen, DoesNotWaitForOthersThatHang) {
  if (!is_native()) {
    EXPECT_EQ(connect()->open_limit(), 1U) << "libssh2 has one open at a time, and its users know";
    return;
  }
  const blackhole hole;
  const auto connection = connect();
  auto hanging = begin_many(*connection, hole.port(), 20);
  EXPECT_TRUE(echoes(*connection));
  for (auto& each : hanging) {
    EXPECT_FALSE(each.done());
    each.cancel();
  }
  EXPECT_TRUE(until([&] { return std::ranges::all_of(hanging, [](auto& each) { return each.done(); }); }));
}

TEST_P(EngineOpen, SaysWhyThereIsNoUnixSocket) {
  const temp_directory files;
  const auto connection = connect();
  const auto outcome = wait(connection->open_direct_streamlocal((files / "none").string(), patience));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, is_openssh() ? errc::connect_failed : errc::unknown_channel_type);
  EXPECT_TRUE(echoes(*connection));
}

TUNNEL_RUN_SCENARIO(EngineOpen, every_daemon);

/// direct-streamlocal@openssh.com, which Dropbear had not yet in 2022.
class EngineUnixSocket : public engine_stage {};

TEST_P(EngineUnixSocket, IsReached) {
  const temp_directory files;
  const auto path = (files / "socket").string();
  asio::local::stream_protocol::acceptor listening(context(), path);
  const auto connection = connect();
  started opening(context(), connection->open_direct_streamlocal(path, patience));
  asio::local::stream_protocol::socket accepted(context());
  bool came = false;
  listening.async_accept(accepted, [&](boost::system::error_code failure) { came = !failure; });
  const auto user = use(std::move(opening.wait()));
  ASSERT_TRUE(until([&] { return came; }));
  user->send("question");
  std::string question(8, '\0');
  bool asked = false;
  asio::async_read(accepted, asio::buffer(question), [&](auto failure, auto) { asked = !failure; });
  ASSERT_TRUE(until([&] { return asked; }));
  EXPECT_EQ(question, "question");
  asio::write(accepted, asio::buffer(std::string("answer")));
  accepted.close();
  EXPECT_TRUE(until([&] { return user->eof(); }));
  EXPECT_EQ(user->received(), "answer");
}

TUNNEL_RUN_SCENARIO(EngineUnixSocket, openssh_only);

/// What only OpenSSH's sshd can be told to forbid.
class EngineProhibited : public engine_stage {
 protected:
  void expect_prohibited(const std::string& line, std::uint16_t port) {
    start_server({.config = {line}});
    const auto connection = connect();
    const auto outcome = open(*connection, port);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::administratively_prohibited);
  }
};

TEST_P(EngineProhibited, TargetsThatTheServerDoesNotPermit) {
  const origin target(echo());
  expect_prohibited("PermitOpen 127.0.0.1:1", target.port());
  EXPECT_EQ(target.accepted(), 0U);
}

TEST_P(EngineProhibited, ForwardingAltogether) {
  const origin target(echo());
  expect_prohibited("AllowTcpForwarding no", target.port());
  EXPECT_EQ(target.accepted(), 0U);
}

TEST_P(EngineProhibited, UnixSocketsAltogether) {
  const temp_directory files;
  start_server({.config = {"AllowStreamLocalForwarding no"}});
  const auto connection = connect();
  const auto outcome = wait(connection->open_direct_streamlocal((files / "socket").string(), patience));
  ASSERT_FALSE(outcome);
  // sshd has one reason for whatever keeps it from a Unix socket.
  EXPECT_EQ(outcome.error().code, errc::connect_failed);
}

TUNNEL_RUN_SCENARIO(EngineProhibited, openssh_only);

}  // namespace
}  // namespace tunnel::integration
