#include "proxy/relay.hpp"

#include <gtest/gtest.h>

#include "ssh/errors.hpp"
#include "support/event_loop.hpp"
#include "support/fake_channel.hpp"
#include "support/far_end.hpp"

namespace tunnel::proxy {
namespace {

using support::channel_peer;
using support::connect_pair;
using support::far_end;
using support::run_ready;
using support::run_until;

const error connection_lost{ssh::errc::connection_lost, "the connection was lost"};

class Relay : public testing::Test {
 protected:
  support::started<relay_summary> start(const std::string& early = {}) {
    const auto view = as_octets(early);
    auto made = std::make_shared<relay>(client(std::move(pair_.accepted), clients_), server_->open(),
                                        octets(view.begin(), view.end()));
    watched_ = made;
    support::started running(context_, to_its_end(made));
    run_ready(context_);
    return running;
  }

  // A relay whose client's buffers are as small as can be.
  void use_small_buffers() {
    pair_ = connect_pair(context_, true);
    program_ = far_end(std::move(pair_.connected));
  }

  bool until(const std::function<bool()>& reached) { return run_until(context_, reached); }

  // Everything has been let go: socket, channel and relay.
  void expect_nothing_left() {
    run_ready(context_);
    EXPECT_TRUE(server_->destroyed());
    EXPECT_EQ(*clients_, 0U);
    EXPECT_TRUE(watched_.expired());
  }

  asio::io_context context_;
  client::counter clients_ = std::make_shared<std::atomic<std::size_t>>(0);
  support::loopback_pair pair_ = connect_pair(context_);
  far_end program_{std::move(pair_.connected)};
  std::shared_ptr<channel_peer> server_ = std::make_shared<channel_peer>(context_.get_executor());
  std::weak_ptr<relay> watched_;

 private:
  static awaitable<relay_summary> to_its_end(std::shared_ptr<relay> moving) {
    asio::steady_timer over(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    std::optional<relay_summary> told;
    moving->start([&](const relay_summary& summary) {
      told = summary;
      over.cancel();
    });
    moving.reset();
    if (!told) co_await over.async_wait(as_tuple);
    co_return std::move(*told);
  }
};

TEST_F(Relay, CarriesBothWaysAndCounts) {
  auto running = start();
  program_.send("question");
  EXPECT_TRUE(until([&] { return server_->received() == "question"; }));
  EXPECT_TRUE(server_->deliver("the answer"));
  EXPECT_TRUE(until([&] { return program_.received() == "the answer"; }));
  program_.shutdown();
  EXPECT_TRUE(until([&] { return server_->eof(); }));
  server_->end();
  const auto& summary = running.wait();
  EXPECT_EQ(summary.octets_up, 8U);
  EXPECT_EQ(summary.octets_down, 10U);
  EXPECT_EQ(summary.ending, "both sides closed");
  EXPECT_TRUE(program_.saw_fin());
  expect_nothing_left();
}

TEST_F(Relay, KeepsDownloadingAfterTheClientsFin) {
  auto running = start();
  program_.send("all of it");
  program_.shutdown();
  EXPECT_TRUE(until([&] { return server_->eof(); }));
  EXPECT_EQ(server_->received(), "all of it") << "what came before the end goes first";
  EXPECT_FALSE(server_->destroyed());
  EXPECT_TRUE(server_->deliver("late"));
  EXPECT_TRUE(until([&] { return program_.received() == "late"; }));
  EXPECT_FALSE(program_.saw_fin());
  server_->end();
  EXPECT_EQ(running.wait().ending, "both sides closed");
  EXPECT_TRUE(program_.saw_fin());
}

TEST_F(Relay, KeepsUploadingAfterTheServersEof) {
  auto running = start();
  EXPECT_TRUE(server_->deliver("all of it"));
  server_->end();
  EXPECT_TRUE(until([&] { return program_.saw_fin(); }));
  EXPECT_EQ(program_.received(), "all of it");
  program_.send("late");
  EXPECT_TRUE(until([&] { return server_->received() == "late"; }));
  EXPECT_FALSE(server_->eof());
  program_.shutdown();
  EXPECT_EQ(running.wait().ending, "both sides closed");
  EXPECT_TRUE(server_->eof());
  expect_nothing_left();
}

TEST_F(Relay, ClosesTheChannelWhenTheClientResets) {
  auto running = start();
  program_.send("half a");
  EXPECT_TRUE(until([&] { return server_->received() == "half a"; }));
  program_.reset();
  EXPECT_EQ(running.wait().ending, "the client reset its connection");
  EXPECT_FALSE(server_->eof()) << "an abortive end is none that a half-close would be";
  expect_nothing_left();
}

TEST_F(Relay, ClosesTheChannelWhenTheClientResetsAfterItsFin) {
  auto running = start();
  program_.shutdown();
  EXPECT_TRUE(until([&] { return server_->eof(); }));
  program_.reset();
  running.wait();
  expect_nothing_left();
}

TEST_F(Relay, ClosesTheChannelWhenTheClientResetsWhileTheServerTakesNothing) {
  server_->set_window(0);
  auto running = start();
  program_.send("never taken");
  program_.reset();
  running.wait();
  expect_nothing_left();
}

TEST_F(Relay, ClosesTheChannelWhenTheClientIsGoneDuringADownload) {
  auto running = start();
  EXPECT_TRUE(server_->deliver("unread"));
  program_.close();
  running.wait();
  expect_nothing_left();
}

TEST_F(Relay, ResetsTheClientWhenTheConnectionIsLost) {
  auto running = start();
  EXPECT_TRUE(server_->deliver("a part"));
  EXPECT_TRUE(until([&] { return program_.received() == "a part"; }));
  server_->lose(connection_lost);
  EXPECT_EQ(running.wait().ending, "the connection was lost");
  EXPECT_TRUE(until([&] { return program_.saw_reset() || program_.saw_fin(); }));
  EXPECT_TRUE(program_.saw_reset());
  expect_nothing_left();
}

TEST_F(Relay, ResetsTheClientWhenTheConnectionIsLostBehindItsFin) {
  auto running = start();
  program_.shutdown();
  EXPECT_TRUE(until([&] { return server_->eof(); }));
  server_->lose(connection_lost);
  running.wait();
  EXPECT_TRUE(until([&] { return program_.saw_reset() || program_.saw_fin(); }));
  EXPECT_TRUE(program_.saw_reset());
}

TEST_F(Relay, EndsWhenTheConnectionWasLostBeforeItBegan) {
  server_->lose(connection_lost);
  auto running = start("early");
  EXPECT_EQ(running.wait().ending, "the connection was lost");
  EXPECT_TRUE(until([&] { return program_.saw_reset(); }));
  expect_nothing_left();
}

TEST_F(Relay, FinishesWhenTheServerClosesWithoutOurEof) {
  auto running = start();
  EXPECT_TRUE(server_->deliver("last words"));
  server_->end();
  EXPECT_FALSE(running.done());
  server_->close();
  EXPECT_EQ(running.wait().ending, "the server closed the channel");
  EXPECT_TRUE(until([&] { return program_.saw_fin(); }));
  EXPECT_EQ(program_.received(), "last words");
  EXPECT_FALSE(server_->eof());
  expect_nothing_left();
}

TEST_F(Relay, FinishesWhenTheServerClosesWithoutAnEof) {
  auto running = start();
  server_->close();
  EXPECT_EQ(running.wait().ending, "the server closed the channel");
  EXPECT_TRUE(until([&] { return program_.saw_fin(); }));
}

TEST_F(Relay, SendsEarlyDataFirstAndOnce) {
  program_.send("second");
  auto running = start("first, ");
  EXPECT_TRUE(until([&] { return server_->received().size() >= 13; }));
  EXPECT_EQ(server_->received(), "first, second");
  program_.shutdown();
  EXPECT_TRUE(until([&] { return server_->eof(); }));
  EXPECT_EQ(server_->received(), "first, second");
  server_->end();
  EXPECT_EQ(running.wait().octets_up, 13U);
}

TEST_F(Relay, SendsEarlyDataPieceByPieceAsRoomComes) {
  server_->set_window(0);
  program_.send("second");
  auto running = start("first, ");
  EXPECT_EQ(server_->received(), "");
  server_->set_window(3);
  run_ready(context_);
  EXPECT_EQ(server_->received(), "fir");
  server_->set_window(6);
  EXPECT_TRUE(until([&] { return server_->received() == "first, se"; }));
  server_->set_window(channel_peer::unlimited);
  EXPECT_TRUE(until([&] { return server_->received() == "first, second"; }));
  server_->lose(connection_lost);
  running.wait();
}

TEST_F(Relay, ReadsNothingThatItCannotPassOn) {
  server_->set_window(4);
  auto running = start();
  program_.send("four and more");
  program_.shutdown();
  EXPECT_TRUE(until([&] { return server_->received() == "four"; }));
  run_ready(context_);
  EXPECT_FALSE(server_->eof());
  server_->set_window(channel_peer::unlimited);
  EXPECT_TRUE(until([&] { return server_->eof(); }));
  EXPECT_EQ(server_->received(), "four and more");
  server_->end();
  running.wait();
}

TEST_F(Relay, HoldsOneDeliveryForASlowClientAndResumesOnceItIsTaken) {
  use_small_buffers();
  auto running = start();
  const std::string delivery(ssh::channel::max_delivery, 'd');
  std::string all;
  // The kernel's buffers take some; then the answer is "no more".
  do {
    all += delivery;
  } while (server_->deliver(delivery));
  run_ready(context_);
  EXPECT_TRUE(server_->paused());
  EXPECT_EQ(server_->resumed(), 0U);
  EXPECT_TRUE(until([&] { return program_.received().size() == all.size(); }));
  EXPECT_TRUE(until([&] { return server_->resumed() == 1; }));
  EXPECT_EQ(program_.received(), all);
  EXPECT_TRUE(server_->deliver("on")) << "there is room again";
  EXPECT_TRUE(until([&] { return program_.received().ends_with("don"); }));
  server_->lose(connection_lost);
  running.wait();
}

TEST_F(Relay, PassesTheServersEofOnBehindWhatIsHeld) {
  use_small_buffers();
  auto running = start();
  const std::string delivery(ssh::channel::max_delivery, 'd');
  std::size_t total = 0;
  do {
    total += delivery.size();
  } while (server_->deliver(delivery));
  server_->end();
  EXPECT_TRUE(until([&] { return program_.saw_fin(); }));
  EXPECT_EQ(program_.received().size(), total);
  program_.shutdown();
  EXPECT_EQ(running.wait().ending, "both sides closed");
}

TEST_F(Relay, GivesTheClientWhatIsHeldAfterTheServerClosed) {
  use_small_buffers();
  auto running = start();
  const std::string delivery(ssh::channel::max_delivery, 'd');
  std::size_t total = 0;
  do {
    total += delivery.size();
  } while (server_->deliver(delivery));
  server_->close();
  EXPECT_FALSE(running.done());
  EXPECT_TRUE(until([&] { return program_.saw_fin() || program_.saw_reset(); }));
  EXPECT_EQ(program_.received().size(), total);
  EXPECT_EQ(running.wait().ending, "the server closed the channel");
}

TEST_F(Relay, GivesUpWhenTheClientGoesWithItsAnswerHeld) {
  use_small_buffers();
  auto running = start();
  const std::string delivery(ssh::channel::max_delivery, 'd');
  while (server_->deliver(delivery)) continue;
  program_.reset();
  running.wait();
  expect_nothing_left();
}

TEST_F(Relay, CarriesManyOctetsBothWaysAtOnce) {
  auto running = start();
  const std::string pattern = [] {
    std::string text;
    for (unsigned number = 0; text.size() < 1'000'000; ++number) text += std::to_string(number);
    return text;
  }();
  std::size_t sent = 0;
  std::size_t delivered = 0;
  const auto carried = [&] {
    sent += program_.send(std::string_view(pattern).substr(sent));
    if (!server_->paused() && delivered < pattern.size()) {
      const auto part = std::string_view(pattern).substr(delivered, 50'000);
      delivered += part.size();
      server_->deliver(part);
    }
    return server_->received().size() == pattern.size() && program_.received().size() == pattern.size();
  };
  EXPECT_TRUE(until(carried));
  EXPECT_TRUE(server_->received() == pattern);
  EXPECT_TRUE(program_.received() == pattern);
  server_->lose(connection_lost);
  running.wait();
}

}  // namespace
}  // namespace tunnel::proxy
