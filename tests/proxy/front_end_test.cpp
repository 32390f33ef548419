#include "proxy/front_end.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "socks_octets.hpp"
#include "ssh/errors.hpp"
#include "support/event_loop.hpp"
#include "support/fake_channel.hpp"
#include "support/fake_server.hpp"
#include "support/far_end.hpp"

namespace tunnel::proxy {
namespace {

using namespace std::string_view_literals;
using support::channel_peer;
using support::far_end;
using testing::HasSubstr;
using testing::StartsWith;

// CONNECT to example.org port 80.
constexpr auto socks5_request =
    "\x05\x01\x00\x03\x0b"
    "example.org\x00\x50"sv;
constexpr auto socks4a_request =
    "\x04\x01\x00\x50\x00\x00\x00\x01me\x00"
    "example.org\x00"sv;

std::string socks5_reply(socks::reply_code code) {
  return std::string(greeting_answer) + reply_text(socks::version::socks5, code);
}

class FrontEnd : public testing::Test {
 protected:
  FrontEnd() {
    const pool::limits bounds{.reconnection = std::chrono::milliseconds(50)};
    pool_ = std::make_unique<pool::pool>(context_.get_executor(), "fake", server_.connector(), bounds,
                                         pool::keepalive_policy{.interval = {}}, [](const error&) {});
    services_.emplace(*pool_);
  }
  ~FrontEnd() override { pool_->close(); }

  void connect_pool() {
    support::started connecting(context_, pool_->connect());
    ASSERT_TRUE(connecting.wait());
  }

  // A client that the front end serves from now on.
  far_end serve() {
    auto pair = support::connect_pair(context_);
    client accepted(std::move(pair.accepted), clients_);
    served_.emplace_back(context_, support::ended(serve_client(std::move(accepted), waiting_, *services_)));
    return far_end(std::move(pair.connected));
  }

  far_end serve_socks5() {
    auto program = serve();
    program.send(std::string(greeting) + std::string(socks5_request));
    return program;
  }

  bool until(const std::function<bool()>& reached) { return support::run_until(context_, reached); }

  static bool is_over(far_end& program) { return program.saw_fin() || program.saw_reset(); }

  // The server opens every channel, with `target_` at its end.
  void open_all() {
    server_.serve_with([this](support::fake_connection& on, const ssh::endpoint& target) {
      asked_for_ = target;
      target_ = std::make_shared<channel_peer>(on.get_executor());
      return std::optional<support::fake_connection::open_outcome>(target_->open());
    });
  }

  void refuse_all(const error& why) {
    server_.serve_with([why](support::fake_connection&, const ssh::endpoint&) {
      return std::optional<support::fake_connection::open_outcome>(why);
    });
  }

  // Whether something holds at the target's end, looked at on its thread.
  bool at_target(const std::function<bool(channel_peer&)>& holds) {
    bool answer = false;
    server_.with(0, [&](support::fake_connection&) { answer = target_ && holds(*target_); });
    return answer;
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
  std::shared_ptr<channel_peer> target_;
  ssh::endpoint asked_for_;
};

TEST_F(FrontEnd, CarriesASocks5ConnectFromTheRequestToTheEnd) {
  open_all();
  connect_pool();
  auto program = serve();
  program.send(greeting);
  EXPECT_TRUE(until([&] { return program.received() == greeting_answer; }));
  program.send(std::string(socks5_request) + "early");
  const auto granted = socks5_reply(socks::reply_code::succeeded);
  EXPECT_TRUE(until([&] { return program.received() == granted; }));
  EXPECT_TRUE(until([&] { return at_target([](auto& target) { return target.received() == "early"; }); }));
  EXPECT_TRUE(at_target([&](auto&) { return asked_for_.host == "example.org" && asked_for_.port == 80; }));
  EXPECT_EQ(pool_->flows(), 1U);

  program.send(" and late");
  program.shutdown();
  EXPECT_TRUE(until([&] { return at_target([](auto& target) { return target.eof(); }); }));
  EXPECT_TRUE(at_target([](auto& target) { return target.received() == "early and late"; }));
  EXPECT_TRUE(at_target([](auto& target) {
    const bool taken = target.deliver("answer");
    target.end();
    return taken;
  }));
  EXPECT_TRUE(until([&] { return program.saw_fin(); }));
  EXPECT_EQ(program.received(), granted + "answer");
  EXPECT_TRUE(until([&] { return pool_->flows() == 0; }));
  EXPECT_TRUE(until([&] { return *clients_ == 0; }));
}

TEST_F(FrontEnd, ServesSocks4aToo) {
  open_all();
  connect_pool();
  auto program = serve();
  program.send(socks4a_request);
  const auto granted = reply_text(socks::version::socks4, socks::reply_code::succeeded);
  EXPECT_TRUE(until([&] { return program.received() == granted; }));
  EXPECT_TRUE(at_target([&](auto&) { return asked_for_.host == "example.org" && asked_for_.port == 80; }));
}

TEST_F(FrontEnd, ServesARequestThatComesOctetByOctet) {
  open_all();
  connect_pool();
  auto program = serve();
  for (const char each : std::string(greeting) + std::string(socks5_request)) {
    program.send({&each, 1});
    support::run_ready(context_);
  }
  EXPECT_TRUE(until([&] { return program.received() == socks5_reply(socks::reply_code::succeeded); }));
}

TEST_F(FrontEnd, SaysSuccessOnlyOnceTheChannelIsOpen) {
  connect_pool();
  auto program = serve_socks5();
  EXPECT_TRUE(until([&] { return server_.tally().opens == 1; }));
  EXPECT_EQ(program.received(), greeting_answer);
  server_.settle(0, {ssh::errc::connect_failed, "No route to host"});
  EXPECT_TRUE(until([&] { return is_over(program); }));
  EXPECT_EQ(program.received(), socks5_reply(socks::reply_code::host_unreachable));
  EXPECT_TRUE(program.saw_fin());
}

TEST_F(FrontEnd, TellsAClientWhyThereIsNoConnection) {
  refuse_all({ssh::errc::connect_failed, "Connection refused"});
  connect_pool();
  auto five = serve_socks5();
  EXPECT_TRUE(until([&] { return is_over(five); }));
  EXPECT_EQ(five.received(), socks5_reply(socks::reply_code::connection_refused));
  auto four = serve();
  four.send(socks4a_request);
  EXPECT_TRUE(until([&] { return is_over(four); }));
  EXPECT_EQ(four.received(), reply_text(socks::version::socks4, socks::reply_code::connection_refused));
  five.close();
  four.close();
  EXPECT_TRUE(until([&] { return pool_->flows() == 0 && *clients_ == 0; }));
}

TEST_F(FrontEnd, AnswersGeneralFailureWhileThereIsNoSshConnection) {
  connect_pool();
  server_.refuse(error{ssh::errc::connection_lost, "no route"});
  server_.lose(0);
  EXPECT_TRUE(until([&] { return server_.tally().alive == 0; }));
  auto program = serve_socks5();
  EXPECT_TRUE(until([&] { return is_over(program); }));
  EXPECT_EQ(program.received(), socks5_reply(socks::reply_code::general_failure));
}

TEST_F(FrontEnd, RefusesCommandsThatItDoesNotServe) {
  connect_pool();
  for (const auto command : {"\x03"sv, "\x7f"sv}) {
    auto program = serve();
    program.send(std::string(greeting) + "\x05" + std::string(command) +
                 std::string("\x00\x01\x7f\x00\x00\x01\x00\x50"sv));
    EXPECT_TRUE(until([&] { return is_over(program); }));
    EXPECT_EQ(program.received(), socks5_reply(socks::reply_code::command_not_supported));
    EXPECT_TRUE(program.saw_fin());
  }
  auto four = serve();
  four.send("\x04\x03\x00\x50\x7f\x00\x00\x01\x00"sv);
  EXPECT_TRUE(until([&] { return is_over(four); }));
  EXPECT_EQ(four.received(), reply_text(socks::version::socks4, socks::reply_code::command_not_supported));
  EXPECT_EQ(server_.tally().opens, 0U);
}

TEST_F(FrontEnd, RefusesAddressTypesThatItDoesNotKnow) {
  connect_pool();
  auto program = serve();
  program.send(std::string(greeting) + std::string("\x05\x01\x00\x02\x7f\x00\x00\x01\x00\x50"sv));
  EXPECT_TRUE(until([&] { return is_over(program); }));
  EXPECT_EQ(program.received(), socks5_reply(socks::reply_code::address_type_not_supported));
}

TEST_F(FrontEnd, RefusesAClientThatInsistsOnAuthentication) {
  auto program = serve();
  program.send("\x05\x01\x02"sv);
  EXPECT_TRUE(until([&] { return is_over(program); }));
  EXPECT_EQ(program.received(), "\x05\xff"sv);
}

TEST_F(FrontEnd, TellsABrowserWhatThisPortIs) {
  auto program = serve();
  program.send("GET / HTTP/1.1\r\nHost: localhost:1080\r\n\r\n");
  EXPECT_TRUE(until([&] { return is_over(program); }));
  EXPECT_THAT(program.received(), StartsWith("HTTP/1.0 501 Not Implemented\r\n"));
  EXPECT_THAT(program.received(), HasSubstr("SOCKS proxy"));
  EXPECT_TRUE(program.saw_fin());
}

TEST_F(FrontEnd, DropsAClientThatSpeaksSomethingElse) {
  auto program = serve();
  program.send("\x16\x03\x01\x02"sv);
  EXPECT_TRUE(until([&] { return is_over(program); }));
  EXPECT_EQ(program.received(), "");
}

TEST_F(FrontEnd, CountsAClientAsHalfOpenUntilItsRequestIsComplete) {
  connect_pool();
  auto program = serve();
  program.send(greeting);
  EXPECT_TRUE(until([&] { return program.received() == greeting_answer; }));
  EXPECT_EQ(waiting_.size(), 1U);
  program.send(socks5_request);
  EXPECT_TRUE(until([&] { return waiting_.size() == 0; }));
}

TEST_F(FrontEnd, ForgetsAClientThatLeavesBeforeItsRequest) {
  auto program = serve();
  program.send(greeting);
  EXPECT_TRUE(until([&] { return waiting_.size() == 1; }));
  program.close();
  EXPECT_TRUE(served_[0].wait());
  EXPECT_EQ(waiting_.size(), 0U);
  EXPECT_EQ(*clients_, 0U);
}

TEST_F(FrontEnd, EndsTheOldestHalfOpenClientForTheNextOne) {
  auto oldest = serve();
  EXPECT_TRUE(until([&] { return waiting_.size() == 1; }));
  auto second = serve();
  EXPECT_TRUE(until([&] { return waiting_.size() == 2; }));
  auto third = serve();
  EXPECT_TRUE(served_[0].wait());
  EXPECT_TRUE(until([&] { return is_over(oldest); }));
  EXPECT_FALSE(is_over(second));
  EXPECT_FALSE(is_over(third));
  EXPECT_EQ(*clients_, 2U);
}

TEST_F(FrontEnd, GivesAllBackWhenTheClientLeavesDuringTheOpen) {
  connect_pool();
  auto program = serve_socks5();
  EXPECT_TRUE(until([&] { return server_.tally().opens == 1; }));
  program.close();
  EXPECT_TRUE(until([&] { return pool_->flows() == 0 && *clients_ == 0; }));
}

TEST_F(FrontEnd, LeavesTheQueueWhenTheClientLeavesBeforeThereIsAConnection) {
  server_.hold();
  support::started connecting(context_, pool_->connect());
  auto program = serve_socks5();
  EXPECT_TRUE(until([&] { return program.received() == greeting_answer && waiting_.size() == 0; }));
  program.close();
  EXPECT_TRUE(served_[0].wait());
  EXPECT_EQ(*clients_, 0U);
  server_.release();
  EXPECT_TRUE(connecting.wait());
  support::run_ready(context_);
  EXPECT_EQ(pool_->flows(), 0U);
}

TEST_F(FrontEnd, ResetsItsClientsWhenTheConnectionIsLost) {
  open_all();
  connect_pool();
  auto program = serve_socks5();
  EXPECT_TRUE(until([&] { return at_target([](auto& target) { return target.attached(); }); }));
  at_target([](auto& target) {
    target.lose({ssh::errc::connection_lost, "gone"});
    return true;
  });
  EXPECT_TRUE(until([&] { return is_over(program); }));
  EXPECT_TRUE(program.saw_reset());
}

}  // namespace
}  // namespace tunnel::proxy
