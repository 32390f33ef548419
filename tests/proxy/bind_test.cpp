#include "proxy/bind.hpp"

#include <gtest/gtest.h>

#include "proxy/front_end.hpp"
#include "socks_octets.hpp"
#include "ssh/errors.hpp"
#include "support/event_loop.hpp"
#include "support/fake_listener.hpp"
#include "support/fake_server.hpp"
#include "support/far_end.hpp"

namespace tunnel::proxy {
namespace {

using namespace std::string_view_literals;
using socks::reply_code;
using support::channel_peer;
using support::far_end;
using support::listener_peer;

constexpr std::uint16_t chosen_port = 4000;
constexpr socks::ipv4 server_address{203, 0, 113, 9};
constexpr socks::ipv4 peer_address{192, 0, 2, 7};
constexpr socks::ipv4 stranger_address{198, 51, 100, 1};
const ssh::endpoint peer{"192.0.2.7", 20};
const ssh::endpoint stranger{"198.51.100.1", 20};

// BIND for 192.0.2.7 port 21, and for anybody.
constexpr auto socks5_for_peer = "\x05\x02\x00\x01\xc0\x00\x02\x07\x00\x15"sv;
constexpr auto socks5_for_anybody = "\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00"sv;
constexpr auto socks5_for_name =
    "\x05\x02\x00\x03\x0b"
    "example.org\x00\x15"sv;
constexpr auto socks4_for_peer = "\x04\x02\x00\x15\xc0\x00\x02\x07me\x00"sv;
constexpr auto socks4a_for_name =
    "\x04\x02\x00\x15\x00\x00\x00\x01me\x00"
    "example.org\x00"sv;

class Bind : public testing::Test {
 protected:
  Bind() {
    const pool::limits bounds{.reconnection = std::chrono::milliseconds(50)};
    pool_ = std::make_unique<pool::pool>(context_.get_executor(), "fake", server_.connector(), bounds,
                                         pool::keepalive_policy{.interval = {}}, [](const error&) {});
    server_.listen_with(
        [this](support::fake_connection& on, const ssh::endpoint& at) { return listen(on, at); });
  }
  ~Bind() override { pool_->close(); }

  std::optional<support::fake_connection::listen_outcome> listen(support::fake_connection& on,
                                                                 const ssh::endpoint& at) {
    asked_for_ = at;
    if (refusal_) return support::fake_connection::listen_outcome(*refusal_);
    if (!answers_) return std::nullopt;
    listener_ = std::make_shared<listener_peer>(on.get_executor());
    return support::fake_connection::listen_outcome(listener_->open({at.host, chosen_port}));
  }

  void start(bind_settings how = {.server_name = "server.example"}) {
    services_.emplace(*pool_, std::move(how));
    support::started connecting(context_, pool_->connect());
    ASSERT_TRUE(connecting.wait());
    on_server([](support::fake_connection& made) {
      made.say_address(asio::ip::make_address_v4(server_address));
      return true;
    });
  }

  // A client that has asked.
  far_end serve(std::string_view request) {
    auto pair = support::connect_pair(context_);
    client accepted(std::move(pair.accepted), clients_);
    served_.emplace_back(context_, support::ended(serve_client(std::move(accepted), waiting_, *services_)));
    far_end program(std::move(pair.connected));
    program.send(request.front() == '\x05' ? std::string(greeting) + std::string(request)
                                           : std::string(request));
    return program;
  }

  // A client that was told where the server listens.
  far_end serve_and_announce(std::string_view request) {
    auto program = serve(request);
    EXPECT_TRUE(until([&] { return program.received() == announced(request); })) << program.received();
    EXPECT_TRUE(until([&] { return on_server([&](auto&) { return listener_->attached(); }); }));
    return program;
  }

  static std::string announced(std::string_view request) {
    const socks::address at{server_address, chosen_port};
    if (request.front() != '\x05') return reply_text(socks::version::socks4, reply_code::succeeded, at);
    return std::string(greeting_answer) + reply_text(socks::version::socks5, reply_code::succeeded, at);
  }

  bool until(const std::function<bool()>& reached) { return support::run_until(context_, reached); }
  static bool is_over(far_end& program) { return program.saw_fin() || program.saw_reset(); }

  // Looks at something on the connection's thread.
  bool on_server(const std::function<bool(support::fake_connection&)>& look, std::size_t connection = 0) {
    bool answer = false;
    server_.with(connection, [&](support::fake_connection& made) { answer = look(made); });
    return answer;
  }

  std::shared_ptr<channel_peer> visit(std::optional<ssh::endpoint> originator) {
    std::shared_ptr<channel_peer> channel;
    on_server([&](auto&) {
      channel = listener_->connect(std::move(originator));
      return true;
    });
    return channel;
  }

  bool stopped_listening() {
    return on_server([&](auto&) { return listener_->destroyed(); });
  }

  // The context's coroutines use what stands above it.
  support::fake_server server_{4};
  half_open waiting_{2};
  client::counter clients_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::unique_ptr<pool::pool> pool_;
  std::optional<services> services_;
  asio::io_context context_;
  std::vector<support::started<bool>> served_;
  // On the connection's thread.
  std::shared_ptr<listener_peer> listener_;
  ssh::endpoint asked_for_;
  std::optional<error> refusal_;
  bool answers_ = true;
};

TEST_F(Bind, TellsWhereTheServerListensThenWhoCameAndRelays) {
  start();
  auto program = serve_and_announce(socks5_for_peer);
  EXPECT_TRUE(on_server([&](auto&) { return asked_for_.host.empty() && asked_for_.port == 0; }));
  const auto channel = visit(peer);
  const auto replies = announced(socks5_for_peer) +
                       reply_text(socks::version::socks5, reply_code::succeeded, {peer_address, 20});
  EXPECT_TRUE(until([&] { return program.received() == replies; }));
  EXPECT_TRUE(stopped_listening());

  program.send("upload");
  program.shutdown();
  EXPECT_TRUE(until([&] { return on_server([&](auto&) { return channel->eof(); }); }));
  EXPECT_TRUE(
      on_server([&](auto&) { return channel->received() == "upload" && channel->deliver("download"); }));
  EXPECT_EQ(pool_->flows(), 1U);
  on_server([&](auto&) {
    channel->end();
    return true;
  });
  EXPECT_TRUE(until([&] { return program.saw_fin(); }));
  EXPECT_EQ(program.received(), replies + "download");
  EXPECT_TRUE(until([&] { return pool_->flows() == 0 && *clients_ == 0; }));
}

TEST_F(Bind, SpeaksSocks4) {
  start();
  auto program = serve_and_announce(socks4_for_peer);
  visit(peer);
  const auto replies = announced(socks4_for_peer) +
                       reply_text(socks::version::socks4, reply_code::succeeded, {peer_address, 20});
  EXPECT_TRUE(until([&] { return program.received() == replies; }));
}

TEST_F(Bind, LetsAnybodyInForANameWhichItDoesNotResolve) {
  start();
  for (const auto request : {socks5_for_name, socks4a_for_name, socks5_for_anybody}) {
    auto program = serve_and_announce(request);
    visit(stranger);
    const auto version = static_cast<socks::version>(request.front());
    const auto replies =
        announced(request) + reply_text(version, reply_code::succeeded, {stranger_address, 20});
    EXPECT_TRUE(until([&] { return program.received() == replies; }));
  }
}

TEST_F(Bind, TurnsOthersAwayAndGoesOnListening) {
  start();
  auto program = serve_and_announce(socks5_for_peer);
  for (int i = 0; i < 3; ++i) {
    const auto channel = visit(stranger);
    EXPECT_TRUE(on_server([&](auto&) { return channel->destroyed() && !listener_->destroyed(); }));
  }
  const auto channel = visit(peer);
  EXPECT_TRUE(until([&] { return program.received().size() > announced(socks5_for_peer).size(); }));
  EXPECT_FALSE(on_server([&](auto&) { return channel->destroyed(); }));
}

TEST_F(Bind, TellsTheAddressOfTheRequestWhereTheEngineCannotTellWhoCame) {
  start();
  auto program = serve_and_announce(socks5_for_peer);
  visit(std::nullopt);
  const auto requested = announced(socks5_for_peer) +
                         reply_text(socks::version::socks5, reply_code::succeeded, {peer_address, 21});
  EXPECT_TRUE(until([&] { return program.received() == requested; }));

  auto by_name = serve_and_announce(socks5_for_name);
  visit(std::nullopt);
  const auto unknown = announced(socks5_for_name) + reply_text(socks::version::socks5, reply_code::succeeded);
  EXPECT_TRUE(until([&] { return by_name.received() == unknown; }));
}

TEST_F(Bind, TellsTheServersNameWhereItsAddressIsNotKnown) {
  start();
  on_server([](support::fake_connection& made) {
    made.say_address(std::nullopt);
    return true;
  });
  auto five = serve(socks5_for_anybody);
  const auto named = std::string(greeting_answer) + reply_text(socks::version::socks5, reply_code::succeeded,
                                                               {"server.example", chosen_port});
  EXPECT_TRUE(until([&] { return five.received() == named; }));
  auto four = serve(socks4_for_peer);
  const auto unspecified =
      reply_text(socks::version::socks4, reply_code::succeeded, {socks::ipv4{}, chosen_port});
  EXPECT_TRUE(until([&] { return four.received() == unspecified; }));
}

TEST_F(Bind, IsRefusedWhereTheServerDoesNotListen) {
  refusal_ = error{ssh::errc::request_refused, "the server refused to listen"};
  start();
  auto five = serve(socks5_for_peer);
  EXPECT_TRUE(until([&] { return is_over(five); }));
  EXPECT_EQ(five.received(), std::string(greeting_answer) +
                                 reply_text(socks::version::socks5, reply_code::not_allowed_by_ruleset));
  auto four = serve(socks4a_for_name);
  EXPECT_TRUE(until([&] { return is_over(four); }));
  EXPECT_EQ(four.received(), reply_text(socks::version::socks4, reply_code::not_allowed_by_ruleset));
}

TEST_F(Bind, EndsWhenNobodyComesInTime) {
  start({.visit_limit = std::chrono::milliseconds(30)});
  auto program = serve(socks5_for_peer);
  EXPECT_TRUE(until([&] { return is_over(program); }));
  EXPECT_EQ(program.received(),
            announced(socks5_for_peer) + reply_text(socks::version::socks5, reply_code::ttl_expired));
  EXPECT_TRUE(stopped_listening());
  program.close();
  EXPECT_TRUE(until([&] { return pool_->flows() == 0 && *clients_ == 0; }));
}

TEST_F(Bind, StopsListeningWhenTheClientLeaves) {
  start();
  auto program = serve_and_announce(socks5_for_peer);
  program.close();
  EXPECT_TRUE(until([&] { return stopped_listening(); }));
  EXPECT_TRUE(until([&] { return pool_->flows() == 0 && *clients_ == 0; }));
}

TEST_F(Bind, GivesUpAskingWhenTheClientLeaves) {
  answers_ = false;
  start();
  auto program = serve(socks5_for_peer);
  EXPECT_TRUE(until([&] { return server_.tally().listens == 1; }));
  program.close();
  EXPECT_TRUE(until([&] { return pool_->flows() == 0 && *clients_ == 0; }));
}

TEST_F(Bind, AnswersGeneralFailureWhenTheConnectionIsLostMeanwhile) {
  start();
  auto program = serve_and_announce(socks5_for_peer);
  on_server([&](auto&) {
    listener_->lose({ssh::errc::connection_lost, "gone"});
    return true;
  });
  EXPECT_TRUE(until([&] { return is_over(program); }));
  EXPECT_EQ(program.received(),
            announced(socks5_for_peer) + reply_text(socks::version::socks5, reply_code::general_failure));
}

TEST_F(Bind, AsksAgainOnAnotherConnectionWhenItsOwnIsLostBeforeTheAnswer) {
  answers_ = false;
  start();
  auto program = serve(socks5_for_anybody);
  EXPECT_TRUE(until([&] { return server_.tally().listens == 1; }));
  on_server([&](auto&) {
    answers_ = true;
    return true;
  });
  server_.lose(0);
  EXPECT_TRUE(until([&] { return server_.tally().listens == 2; }));
  EXPECT_TRUE(until([&] { return program.received().size() > greeting_answer.size(); }));
  EXPECT_TRUE(
      program.received().starts_with(std::string(greeting_answer) + std::string("\x05\x00\x00\x03"sv)));
}

}  // namespace
}  // namespace tunnel::proxy
