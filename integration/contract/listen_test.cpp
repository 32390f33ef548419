#include <arpa/inet.h>
#include <netinet/in.h>

#include "contract/engine_stage.hpp"
#include "support/blackhole.hpp"

namespace tunnel::integration {
namespace {

using ssh::errc;

/// Uses each connection that comes to a remote listener, and notes who it is.
class doorkeeper final : public ssh::remote_listener_handler {
 public:
  void on_connection(std::unique_ptr<ssh::channel> opened, std::optional<ssh::endpoint> originator) override {
    users.push_back(std::make_unique<channel_user>(std::move(opened)));
    originators.push_back(std::move(originator));
    if (react) react();
  }
  void on_closed(const error& why) override {
    ++closed;
    lost = why;
  }

  std::vector<std::unique_ptr<channel_user>> users;
  std::vector<std::optional<ssh::endpoint>> originators;
  unsigned closed = 0;
  std::optional<error> lost;
  std::function<void()> react;
};

bool refuses(std::uint16_t port, const std::string& address = "127.0.0.1") {
  try {
    tcp_stream::connect(address, port, seconds(1));
    return false;
  } catch (const std::exception&) {
    return true;
  }
}

class EngineListen : public engine_stage {
 protected:
  using listener_result = result<std::unique_ptr<ssh::remote_listener>>;

  listener_result listen(ssh::connection& on, std::uint16_t port, const std::string& address = "127.0.0.1") {
    return wait(on.listen({address, port}, patience));
  }

  std::unique_ptr<ssh::remote_listener> listening(ssh::connection& on, std::uint16_t port = 0) {
    auto outcome = listen(on, port);
    if (!outcome) throw std::runtime_error(outcome.error().message);
    (*outcome)->attach(door_);
    return std::move(*outcome);
  }

  /// Somebody comes, says something, and hears the answer.
  void expect_visit(std::uint16_t port, const std::string& address = "127.0.0.1") {
    const auto number = door_.users.size();
    const auto visitor = tcp_stream::connect(address, port);
    visitor.send("knock");
    ASSERT_TRUE(until([&] { return door_.users.size() == number + 1; }));
    auto& user = *door_.users.back();
    EXPECT_TRUE(until([&] { return user.received() == "knock"; }));
    user.send("come in");
    user.send_eof();
    EXPECT_TRUE(until([&] { return user.sent_all() && visitor.readable(milliseconds(0)); }));
    visitor.shut_down_sending();
    EXPECT_TRUE(until([&] { return user.closed() == 1; }));
    EXPECT_EQ(visitor.receive_to_end().data, "come in");
    EXPECT_FALSE(user.lost());
  }

  /// Nobody is let in any more. Dropbear goes on listening, and hears that nobody takes whom it announces.
  void expect_shut(std::uint16_t port) {
    if (is_openssh()) {
      EXPECT_TRUE(until([&] { return refuses(port); }));
      return;
    }
    const auto known = door_.users.size();
    const auto stranger = tcp_stream::connect("127.0.0.1", port);
    EXPECT_TRUE(until([&] { return stranger.readable(milliseconds(0)); }));
    EXPECT_EQ(stranger.receive_to_end().data, "");
    EXPECT_EQ(door_.users.size(), known);
  }

  doorkeeper door_;
};

TEST_P(EngineListen, OnAPortOfTheServersChoice) {
  const auto connection = connect();
  const auto listener = listening(*connection);
  EXPECT_EQ(listener->address().host, "127.0.0.1");
  EXPECT_NE(listener->address().port, 0);
  expect_visit(listener->address().port);
  expect_visit(listener->address().port);
  EXPECT_TRUE(echoes(*connection));
}

TEST_P(EngineListen, OnAPortThatIsNamed) {
  const auto connection = connect();
  const auto port = free_port();
  const auto listener = listening(*connection, port);
  EXPECT_EQ(listener->address().port, port);
  expect_visit(port);
}

TEST_P(EngineListen, OnSeveralPortsAtOnce) {
  const auto connection = connect();
  started first(context(), connection->listen({"127.0.0.1", free_port()}, patience));
  started second(context(), connection->listen({"127.0.0.1", free_port()}, patience));
  for (auto* each : {&first, &second}) {
    ASSERT_TRUE(each->wait());
    (*each->wait())->attach(door_);
  }
  expect_visit((*second.wait())->address().port);
  expect_visit((*first.wait())->address().port);
}

TEST_P(EngineListen, SaysWhoItIsThatConnected) {
  const auto connection = connect();
  const auto listener = listening(*connection);
  asio::ip::tcp::socket visitor(context());
  visitor.connect({asio::ip::make_address("127.0.0.1"), listener->address().port});
  ASSERT_TRUE(until([&] { return !door_.users.empty(); }));
  const auto& originator = door_.originators.front();
  // libssh2 does not say.
  ASSERT_EQ(originator.has_value(), is_native());
  if (!is_native()) return;
  EXPECT_EQ(originator->host, "127.0.0.1");
  EXPECT_EQ(originator->port, visitor.local_endpoint().port());
}

TEST_P(EngineListen, KeepsThoseWhoComeBeforeTheHandler) {
  const auto connection = connect();
  auto outcome = listen(*connection, 0);
  ASSERT_TRUE(outcome);
  const auto visitor = tcp_stream::connect("127.0.0.1", (*outcome)->address().port);
  visitor.send("first");
  EXPECT_TRUE(echoes(*connection));
  (*outcome)->attach(door_);
  ASSERT_TRUE(until([&] { return door_.users.size() == 1; }));
  EXPECT_TRUE(until([&] { return door_.users.front()->received() == "first"; }));
}

TEST_P(EngineListen, SendsAwayWhoseChannelIsDestroyed) {
  const auto connection = connect();
  const auto listener = listening(*connection);
  door_.react = [&] { door_.users.back()->drop(); };
  const auto visitor = tcp_stream::connect("127.0.0.1", listener->address().port);
  EXPECT_TRUE(until([&] { return visitor.readable(milliseconds(0)); }));
  EXPECT_EQ(visitor.receive_to_end().data, "");
  EXPECT_TRUE(echoes(*connection));
}

TEST_P(EngineListen, EndsWithTheListenerButNotForThoseWhoAreIn) {
  const auto connection = connect();
  auto listener = listening(*connection);
  const auto port = listener->address().port;
  const auto visitor = tcp_stream::connect("127.0.0.1", port);
  // Once somebody is in, as BIND has it.
  door_.react = [&] { listener.reset(); };
  ASSERT_TRUE(until([&] { return listener == nullptr; }));
  expect_shut(port);
  door_.users.front()->send("still here");
  EXPECT_TRUE(until([&] { return visitor.readable(milliseconds(0)); }));
  EXPECT_EQ(visitor.receive_exactly(10), "still here");
  EXPECT_EQ(door_.closed, 0U);
}

TEST_P(EngineListen, CanBeginAgain) {
  const auto connection = connect();
  listening(*connection).reset();
  const auto again = listening(*connection);
  expect_visit(again->address().port);
}

TEST_P(EngineListen, SendsAwayThoseWhoWaitWhenTheListenerGoes) {
  const auto connection = connect();
  auto outcome = listen(*connection, 0);
  ASSERT_TRUE(outcome);
  const auto visitor = tcp_stream::connect("127.0.0.1", (*outcome)->address().port);
  EXPECT_TRUE(echoes(*connection));
  outcome->reset();
  EXPECT_TRUE(until([&] { return visitor.readable(milliseconds(0)); }));
  EXPECT_EQ(visitor.receive_to_end().data, "");
  EXPECT_TRUE(echoes(*connection));
}

TEST_P(EngineListen, IsGivenUpByCancelling) {
  const auto connection = connect();
  const auto port = free_port();
  // An answer that came before the cancelling would leave the listener with who asked.
  server().freeze();
  started asking(context(), connection->listen({"127.0.0.1", port}, patience));
  support::run_ready(context());
  asking.cancel();
  EXPECT_TRUE(until([&] { return asking.done(); }));
  server().thaw();
  EXPECT_TRUE(echoes(*connection));
  expect_shut(port);
}

TEST_P(EngineListen, EndsWithTheConnection) {
  const auto connection = connect();
  const auto listener = listening(*connection);
  auto late = listen(*connection, 0);
  ASSERT_TRUE(late);
  server().stop();
  EXPECT_TRUE(until([&] { return door_.closed == 1; }));
  EXPECT_EQ(door_.lost->code, errc::connection_lost);
  (*late)->attach(door_);
  EXPECT_TRUE(until([&] { return door_.closed == 2; }));
}

TUNNEL_RUN_SCENARIO(EngineListen, every_daemon);

/// What only OpenSSH's sshd can be told, or does.
class EngineListenPolicy : public EngineListen {};

TEST_P(EngineListenPolicy, ForwardingOneWayOnlyRefusesIt) {
  start_server({.config = {"AllowTcpForwarding local"}});
  const auto connection = connect();
  const auto outcome = listen(*connection, 0);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::request_refused);
  EXPECT_TRUE(echoes(*connection));
}

TEST_P(EngineListenPolicy, IsRefusedWhereThePortIsTaken) {
  const tcp_listener taken;
  const auto connection = connect();
  const auto outcome = listen(*connection, taken.port());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::request_refused);
  EXPECT_TRUE(echoes(*connection));
}

TEST_P(EngineListenPolicy, WithoutGatewayPortsIsOnLoopbackAlone) {
  const auto connection = connect();
  auto outcome = listen(*connection, 0, "0.0.0.0");
  ASSERT_TRUE(outcome);
  (*outcome)->attach(door_);
  const auto port = (*outcome)->address().port;
  expect_visit(port);
  EXPECT_TRUE(refuses(port, "127.0.0.2"));
}

TEST_P(EngineListenPolicy, WithGatewayPortsIsWhereTheClientSays) {
  start_server({.config = {"GatewayPorts clientspecified"}});
  const auto connection = connect();
  auto outcome = listen(*connection, 0, "0.0.0.0");
  ASSERT_TRUE(outcome);
  (*outcome)->attach(door_);
  expect_visit((*outcome)->address().port, "127.0.0.2");
}

TEST_P(EngineListenPolicy, SurvivesAKeepaliveWhileAnOpenHangs) {
  const blackhole hole;
  const auto connection = connect();
  auto hanging = begin_open(*connection, hole.port());
  support::run_ready(context());
  ASSERT_TRUE(answers_probe(*connection));
  const auto outcome = listen(*connection, 0);
  hanging.cancel();
  EXPECT_TRUE(until([&] { return hanging.done(); }));
  if (is_native()) {
    EXPECT_TRUE(outcome);
    return;
  }
  // libssh2 would take the keepalive's answer for this request's.
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::unsupported_by_engine);
}

TUNNEL_RUN_SCENARIO(EngineListenPolicy, openssh_only);

}  // namespace
}  // namespace tunnel::integration
