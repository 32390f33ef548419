#include "pool/pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "ssh/errors.hpp"
#include "support/event_loop.hpp"
#include "support/fake_listener.hpp"
#include "support/fake_server.hpp"

namespace tunnel::pool {
namespace {

using std::chrono::milliseconds;
using support::run_ready;
using support::started;
using testing::HasSubstr;

const error refused{ssh::errc::authentication_failed, "Permission denied"};
const error unreachable{ssh::errc::connection_lost, "no route to host"};
const error nobody_answers{ssh::errc::secret_awaited, "waiting for an answer"};
const error no_such_target{ssh::errc::connect_failed, "refused"};

constexpr auto never = std::chrono::hours(1);

using acquisition = started<result<lease>>;

class Pool : public testing::Test {
 protected:
  explicit Pool(std::size_t open_limit = 1) : server_(open_limit) {}

  ~Pool() override {
    held_.clear();
    close();
  }

  void close() {
    if (!std::exchange(closed_, true)) pool_->close();
  }

  // Of connections that take one open at a time each, unless the server says otherwise.
  void make(const limits& bounds) {
    pool_ = std::make_unique<pool>(context_.get_executor(), "fake", server_.connector(), bounds,
                                   keepalive_policy{.interval = {}},
                                   [this](const error& why) { given_up_ = why; });
  }

  void make_connected(const limits& bounds) {
    make(bounds);
    started connecting(context_, pool_->connect());
    ASSERT_TRUE(connecting.wait());
  }

  bool until(const std::function<bool()>& reached) { return support::run_until(context_, reached); }

  [[nodiscard]] bool is_connecting() const {
    return std::ranges::any_of(pool_->connections(), [](const connection_status& each) {
      return each.now == connection_status::state::connecting;
    });
  }

  acquisition acquire() {
    acquisition begun(context_, pool_->acquire());
    run_ready(context_);
    return begun;
  }

  // Begins the lease's open, which stays pending, and keeps the lease.
  void open(lease given) {
    const unsigned before = server_.tally().opens;
    held_.push_back(std::make_unique<lease>(std::move(given)));
    lease& used = *held_.back();
    auto opening = [&used]() -> awaitable<void> {
      ssh::endpoint target{"target", 80};
      ssh::endpoint originator;
      co_await used.open_direct_tcpip(std::move(target), std::move(originator), never);
    };
    asio::co_spawn(used.executor(), std::move(opening), asio::detached);
    ASSERT_TRUE(until([&] { return server_.tally().opens == before + 1; }));
  }

  void acquire_and_open() {
    auto got = acquire();
    ASSERT_TRUE(got.wait());
    open(std::move(*got.wait()));
  }

  // Ends the oldest open there, and the flow with it.
  void finish(std::size_t connection) {
    server_.settle(connection, no_such_target);
    drop_lease();
  }

  void drop_lease() {
    held_.erase(held_.begin());
    run_ready(context_);
  }

  support::fake_server server_;
  std::optional<error> given_up_;
  std::unique_ptr<pool> pool_;
  bool closed_ = false;
  // Its coroutines use what stands above it.
  asio::io_context context_;
  // Oldest first.
  std::vector<std::unique_ptr<lease>> held_;
};

limits without_growth() {
  return {.connections = 1, .reconnection = never, .turn = never, .growth_delay = never, .idle = never};
}

limits growing_to(std::size_t connections) {
  return {.connections = connections,
          .reconnection = never,
          .turn = never,
          .growth_delay = milliseconds(1),
          .idle = never};
}

// --- the first connection ----------------------------------------------------------------------------------

TEST_F(Pool, AsksTheUserForTheFirstConnectionOnly) {
  make_connected(growing_to(2));
  acquire_and_open();
  auto waits = acquire();
  ASSERT_TRUE(waits.wait());
  EXPECT_EQ(server_.attempts(), 2U);
  EXPECT_TRUE(server_.might_ask(0));
  EXPECT_FALSE(server_.might_ask(1));
}

TEST_F(Pool, SaysWhyTheFirstConnectionFailedAndDoesNotTryAgain) {
  server_.refuse(refused);
  make(without_growth());
  started connecting(context_, pool_->connect());
  const auto& outcome = connecting.wait();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, refused.message);
  EXPECT_FALSE(is_connecting());
  EXPECT_FALSE(given_up_) << "it is the caller's to tell";
}

TEST_F(Pool, KnowsWhetherItIsConnecting) {
  server_.hold();
  make(without_growth());
  started connecting(context_, pool_->connect());
  EXPECT_TRUE(until([&] { return server_.attempts() == 1; }));
  EXPECT_TRUE(is_connecting());
  server_.release();
  EXPECT_TRUE(connecting.wait());
  EXPECT_FALSE(is_connecting());
}

// --- sharing out -------------------------------------------------------------------------------------------

TEST_F(Pool, GivesAConnectionAtOnceAndCountsFlows) {
  make_connected(without_growth());
  {
    auto got = acquire();
    ASSERT_TRUE(got.done());
    ASSERT_TRUE(got.wait());
    EXPECT_EQ(pool_->flows(), 1U);
    lease moved = std::move(*got.wait());
  }
  EXPECT_TRUE(until([&] { return pool_->flows() == 0; }));
}

TEST_F(Pool, TakesAnUnusedLeaseBack) {
  make_connected(without_growth());
  for (int round = 0; round < 3; ++round) {
    auto got = acquire();
    ASSERT_TRUE(got.done()) << "the one place is free again";
    { const lease unused = std::move(*got.wait()); }
    run_ready(context_);
  }
}

TEST_F(Pool, ServesWaitersInOrder) {
  make_connected(without_growth());
  acquire_and_open();
  auto second = acquire();
  auto third = acquire();
  EXPECT_FALSE(second.done());
  server_.settle(0, no_such_target);
  ASSERT_TRUE(second.wait());
  EXPECT_FALSE(third.done());
  open(std::move(*second.wait()));
  server_.settle(0, no_such_target);
  EXPECT_TRUE(third.wait());
  EXPECT_EQ(server_.attempts(), 1U);
}

TEST_F(Pool, LetsAFlowGoOnBesideTheNextOpen) {
  make_connected(without_growth());
  acquire_and_open();
  server_.settle(0, no_such_target);
  // The lease of the first is still held, as that of an open flow is.
  auto next = acquire();
  EXPECT_TRUE(next.wait());
  EXPECT_EQ(pool_->flows(), 2U);
}

TEST_F(Pool, LetsOpensGoOnBesideARemoteListener) {
  server_.listen_with([](support::fake_connection& on, const ssh::endpoint& at) {
    const auto peer = std::make_shared<support::listener_peer>(on.get_executor());
    return std::optional(support::fake_connection::listen_outcome(peer->open(at)));
  });
  make_connected(without_growth());
  auto first = acquire();
  ASSERT_TRUE(first.wait());
  held_.push_back(std::make_unique<lease>(std::move(*first.wait())));
  lease& listens = *held_.back();
  auto waits = acquire();
  EXPECT_FALSE(waits.done());
  auto listening = [&listens]() -> awaitable<void> {
    ssh::endpoint at;
    co_await listens.listen(std::move(at), never);
  };
  asio::co_spawn(listens.executor(), std::move(listening), asio::detached);
  EXPECT_TRUE(waits.wait());
  EXPECT_EQ(pool_->flows(), 2U);
}

TEST_F(Pool, GivesOthersTheirTurnWhenALeaseHasNothingToOpenForNow) {
  make_connected(without_growth());
  auto first = acquire();
  ASSERT_TRUE(first.wait());
  auto second = acquire();
  EXPECT_FALSE(second.done());
  first.wait()->yield_open_rights();
  EXPECT_TRUE(second.wait());
  EXPECT_EQ(pool_->flows(), 2U);
}

TEST_F(Pool, KeepsTheTurnOfALeaseThatHasMoreToOpen) {
  make_connected(without_growth());
  auto first = acquire();
  ASSERT_TRUE(first.wait());
  first.wait()->keep_open_right();
  open(std::move(*first.wait()));
  auto second = acquire();
  server_.settle(0, no_such_target);
  run_ready(context_);
  EXPECT_FALSE(second.done());
  held_.front()->yield_open_rights();
  EXPECT_TRUE(second.wait());
}

TEST_F(Pool, GivesUpWhenEveryConnectionStaysBusy) {
  auto bounds = without_growth();
  bounds.turn = milliseconds(10);
  make_connected(bounds);
  acquire_and_open();
  auto waits = acquire();
  const auto& outcome = waits.wait();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ssh::errc::open_timeout);
}

TEST_F(Pool, LosesNoPlaceToAWaiterThatLeft) {
  make_connected(without_growth());
  acquire_and_open();
  auto leaves = acquire();
  leaves.cancel();
  EXPECT_FALSE(leaves.wait());
  server_.settle(0, no_such_target);
  auto next = acquire();
  EXPECT_TRUE(next.wait());
}

TEST_F(Pool, LosesNoPlaceToAWaiterThatLeavesInTheInstantOfItsTurn) {
  make_connected(without_growth());
  acquire_and_open();
  for (int round = 0; round < 3; ++round) {
    std::optional<acquisition> leaves(acquire());
    server_.settle(0, no_such_target);
    // Behind its turn, which has been posted but has not come yet.
    leaves->cancel();
    static_cast<void>(leaves->wait());
    leaves.reset();
    run_ready(context_);
    auto next = acquire();
    ASSERT_TRUE(next.wait());
    open(std::move(*next.wait()));
  }
}

// --- growth ------------------------------------------------------------------------------------------------

TEST_F(Pool, MakesAnotherConnectionWhenAllAreBusy) {
  make_connected(growing_to(3));
  acquire_and_open();
  acquire_and_open();
  acquire_and_open();
  EXPECT_EQ(server_.attempts(), 3U);
  auto waits = acquire();
  EXPECT_FALSE(waits.done()) << "that is as many as there may be";
  server_.settle(1, no_such_target);
  EXPECT_TRUE(waits.wait());
  EXPECT_EQ(server_.attempts(), 3U);
}

TEST_F(Pool, MakesNoOtherConnectionForABurstOfQuickOpens) {
  auto bounds = growing_to(3);
  bounds.growth_delay = never;
  make_connected(bounds);
  for (int number = 0; number < 50; ++number) {
    acquire_and_open();
    auto waits = acquire();
    EXPECT_FALSE(waits.done());
    server_.settle(0, no_such_target);
    ASSERT_TRUE(waits.wait());
    { const lease unused = std::move(*waits.wait()); }
    drop_lease();
  }
  EXPECT_EQ(server_.attempts(), 1U);
}

TEST_F(Pool, PrefersTheConnectionWithFewestFlows) {
  make_connected(growing_to(2));
  acquire_and_open();
  acquire_and_open();
  server_.settle(0, no_such_target);
  server_.settle(1, no_such_target);
  run_ready(context_);
  // The first connection's flow ends; the second's goes on.
  drop_lease();
  EXPECT_TRUE(until([&] { return pool_->flows() == 1; }));
  acquire_and_open();
  std::size_t pending = 0;
  server_.with(0, [&](support::fake_connection& first) { pending = first.pending(); });
  EXPECT_EQ(pending, 1U);
}

TEST_F(Pool, GoesOnWithWhatItHasWhenAnExtraConnectionFails) {
  make_connected(growing_to(2));
  server_.refuse(unreachable);
  acquire_and_open();
  auto waits = acquire();
  EXPECT_TRUE(until([&] { return server_.attempts() == 2; }));
  EXPECT_TRUE(until([&] { return !is_connecting(); }));
  server_.settle(0, no_such_target);
  EXPECT_TRUE(waits.wait());
  EXPECT_EQ(server_.attempts(), 2U) << "and does not insist";
  EXPECT_FALSE(given_up_);
}

TEST_F(Pool, ClosesExtraConnectionsThatAreIdle) {
  auto bounds = growing_to(3);
  bounds.idle = milliseconds(20);
  make_connected(bounds);
  for (int number = 0; number < 3; ++number) acquire_and_open();
  EXPECT_EQ(server_.tally().alive, 3U);
  for (std::size_t number = 0; number < 3; ++number) server_.settle(number, no_such_target);
  while (!held_.empty()) drop_lease();
  EXPECT_TRUE(until([&] { return server_.tally().alive == 1; }));
  EXPECT_EQ(server_.tally().closed, 2U) << "with a goodbye";
  auto next = acquire();
  EXPECT_TRUE(next.wait()) << "the last one stays";
}

TEST_F(Pool, ClosesAnExtraConnectionThatCameTooLateToBeOfUse) {
  auto bounds = growing_to(2);
  bounds.idle = milliseconds(5);
  make_connected(bounds);
  acquire_and_open();
  server_.hold();
  auto waits = acquire();
  EXPECT_TRUE(until([&] { return server_.attempts() == 2; }));
  server_.settle(0, no_such_target);
  ASSERT_TRUE(waits.wait());
  { const lease unused = std::move(*waits.wait()); }
  drop_lease();
  EXPECT_TRUE(until([&] { return pool_->flows() == 0; }));
  server_.release();
  EXPECT_TRUE(until([&] { return server_.tally().closed == 1; }));
  EXPECT_EQ(server_.tally().alive, 1U);
}

TEST_F(Pool, ClosesAnExtraConnectionThatAGivenUpOpenOccupies) {
  make_connected(growing_to(2));
  acquire_and_open();
  acquire_and_open();
  // The first connection's flow ends without an answer from the server.
  drop_lease();
  EXPECT_TRUE(until([&] { return server_.tally().closed == 1; }));
  EXPECT_EQ(server_.tally().alive, 1U);
}

TEST_F(Pool, KeepsItsLastConnectionThoughAGivenUpOpenOccupiesIt) {
  make_connected(without_growth());
  acquire_and_open();
  drop_lease();
  EXPECT_TRUE(until([&] { return pool_->flows() == 0; }));
  auto waits = acquire();
  EXPECT_FALSE(waits.done());
  server_.settle(0, no_such_target);
  EXPECT_TRUE(waits.wait()) << "the late answer frees it";
  EXPECT_EQ(server_.attempts(), 1U);
}

// --- base connections --------------------------------------------------------------------------------------

limits with_base(std::size_t connections) {
  auto bounds = growing_to(connections);
  bounds.base_connections = connections;
  return bounds;
}

// An engine that takes many opens at once.
class PoolOfRoomyConnections : public Pool {
 protected:
  PoolOfRoomyConnections() : Pool(100) {}

  void make_complete(std::size_t connections) {
    make_connected(with_base(connections));
    ASSERT_TRUE(until([&] { return server_.tally().alive == connections && !is_connecting(); }));
  }

  // Tries now rather than after the pause, and waits for the outcome of that many attempts in all.
  void try_until(std::size_t attempts) {
    pool_->check_now();
    ASSERT_TRUE(until([&] { return server_.attempts() == attempts && !is_connecting(); }));
  }

  std::size_t pending(std::size_t connection) {
    std::size_t count = 0;
    server_.with(connection, [&](support::fake_connection& each) { count = each.pending(); });
    return count;
  }
};

TEST_F(PoolOfRoomyConnections, ServesBeforeAllBaseConnectionsAreReady) {
  server_.hold();
  make(with_base(3));
  started connecting(context_, pool_->connect());
  ASSERT_TRUE(until([&] { return server_.attempts() == 1; }));
  run_ready(context_);
  EXPECT_EQ(server_.attempts(), 1U) << "the first alone may ask the user";
  server_.release();
  server_.hold();
  ASSERT_TRUE(connecting.wait());
  EXPECT_TRUE(until([&] { return server_.attempts() == 3; }));
  EXPECT_EQ(server_.tally().alive, 1U);
  auto got = acquire();
  EXPECT_TRUE(got.done());
  server_.release();
  EXPECT_TRUE(until([&] { return server_.tally().alive == 3 && !is_connecting(); }));
  EXPECT_EQ(server_.attempts(), 3U);
  EXPECT_TRUE(server_.might_ask(0));
  EXPECT_FALSE(server_.might_ask(1));
  EXPECT_FALSE(server_.might_ask(2));
}

TEST_F(PoolOfRoomyConnections, SpreadsFlowsOverBaseConnections) {
  make_complete(3);
  for (int number = 0; number < 6; ++number) acquire_and_open();
  for (std::size_t number = 0; number < 3; ++number) EXPECT_EQ(pending(number), 2U) << number;
}

TEST_F(PoolOfRoomyConnections, ReplacesALostBaseConnectionWhileOthersServe) {
  make_complete(2);
  acquire_and_open();
  acquire_and_open();
  server_.lose(0);
  drop_lease();
  EXPECT_TRUE(until([&] { return server_.tally().alive == 1; }));
  EXPECT_EQ(pending(1), 1U) << "the other's flow goes on";
  auto next = acquire();
  EXPECT_TRUE(next.done()) << "on the other";
  EXPECT_EQ(server_.attempts(), 2U) << "not without a pause";
  EXPECT_TRUE(until([&] { return server_.tally().alive == 2; }));
  EXPECT_EQ(server_.attempts(), 3U);
  EXPECT_FALSE(server_.might_ask(2));
}

TEST_F(PoolOfRoomyConnections, TriesAgainAndAgainForAServerThatIsOutOfReach) {
  make_complete(2);
  server_.refuse(unreachable);
  server_.lose(1);
  EXPECT_TRUE(until([&] { return server_.tally().alive == 1; }));
  for (std::size_t attempts = 3; attempts <= 7; ++attempts) try_until(attempts);
  run_ready(context_);
  EXPECT_EQ(server_.attempts(), 7U) << "with pauses between";
  server_.refuse(std::nullopt);
  EXPECT_TRUE(until([&] { return server_.tally().alive == 2; }));
  EXPECT_FALSE(given_up_);
}

TEST_F(PoolOfRoomyConnections, GoesOnWithFewerWhenTheServerRefusesThreeTimesInARow) {
  make_complete(2);
  server_.refuse(refused);
  server_.lose(1);
  EXPECT_TRUE(until([&] { return server_.tally().alive == 1; }));
  for (std::size_t attempts = 3; attempts <= 5; ++attempts) try_until(attempts);
  pool_->check_now();
  EXPECT_FALSE(is_connecting());
  EXPECT_FALSE(given_up_);
  // A new start is another matter.
  server_.refuse(std::nullopt);
  server_.lose(0);
  EXPECT_TRUE(until([&] { return server_.tally().alive == 0; }));
  run_ready(context_);
  pool_->check_now();
  EXPECT_TRUE(until([&] { return server_.tally().alive == 2 && !is_connecting(); }));
}

TEST_F(PoolOfRoomyConnections, CountsAttemptsThatWereMadeTogetherOnce) {
  make_complete(4);
  for (std::size_t number = 1; number < 4; ++number) server_.lose(number);
  EXPECT_TRUE(until([&] { return server_.tally().alive == 1; }));
  server_.hold();
  pool_->check_now();
  ASSERT_TRUE(until([&] { return server_.attempts() == 7; }));
  server_.refuse(refused);
  server_.lose(0);
  EXPECT_TRUE(until([&] { return server_.tally().alive == 0; }));
  server_.release();
  EXPECT_TRUE(until([&] { return !is_connecting(); }));
  EXPECT_FALSE(given_up_);
  try_until(8);
  EXPECT_FALSE(given_up_);
  try_until(9);
  EXPECT_TRUE(given_up_);
}

TEST_F(PoolOfRoomyConnections, MakesThemAllAnewWhenAllWereLost) {
  make_complete(3);
  for (std::size_t number = 0; number < 3; ++number) server_.lose(number);
  EXPECT_TRUE(until([&] { return server_.tally().alive == 0; }));
  EXPECT_TRUE(until([&] { return server_.tally().alive == 3 && !is_connecting(); }));
  EXPECT_EQ(server_.attempts(), 6U);
}

TEST_F(PoolOfRoomyConnections, KeepsABaseConnectionWithAGivenUpOpen) {
  make_complete(2);
  acquire_and_open();
  acquire_and_open();
  // Without an answer from the server.
  drop_lease();
  EXPECT_TRUE(until([&] { return pool_->flows() == 1; }));
  EXPECT_EQ(server_.tally().closed, 0U);
}

TEST_F(Pool, KeepsIdleBaseConnectionsAndClosesTheOthers) {
  auto bounds = growing_to(3);
  bounds.base_connections = 2;
  bounds.idle = milliseconds(20);
  make_connected(bounds);
  for (int number = 0; number < 3; ++number) acquire_and_open();
  EXPECT_EQ(server_.tally().alive, 3U);
  for (std::size_t number = 0; number < 3; ++number) server_.settle(number, no_such_target);
  while (!held_.empty()) drop_lease();
  EXPECT_TRUE(until([&] { return server_.tally().closed == 1; }));
  EXPECT_EQ(server_.tally().alive, 2U);
}

TEST_F(Pool, ReplacesABaseConnectionThatGivenUpOpensOccupy) {
  auto bounds = without_growth();
  bounds.base_connections = 2;
  make_connected(bounds);
  ASSERT_TRUE(until([&] { return server_.tally().alive == 2 && !is_connecting(); }));
  acquire_and_open();
  drop_lease();
  EXPECT_TRUE(until([&] { return server_.tally().closed == 1; }));
  EXPECT_TRUE(until([&] { return server_.attempts() == 3 && server_.tally().alive == 2; }));
}

TEST_F(Pool, KeepsNoMoreBaseConnectionsThanThereMayBe) {
  auto bounds = with_base(5);
  bounds.connections_in_all = 2;
  make_connected(bounds);
  EXPECT_TRUE(until([&] { return server_.tally().alive == 2 && !is_connecting(); }));
  run_ready(context_);
  EXPECT_EQ(server_.attempts(), 2U);
}

// --- loss --------------------------------------------------------------------------------------------------

TEST_F(Pool, MakesALostConnectionAnew) {
  make_connected(without_growth());
  server_.lose(0);
  EXPECT_TRUE(until([&] { return server_.attempts() == 2; }));
  EXPECT_TRUE(server_.might_ask(1));
  auto next = acquire();
  EXPECT_TRUE(next.wait());
}

TEST_F(Pool, ReconnectsAtOnceForAClientAfterAQuietTime) {
  make_connected(without_growth());
  server_.refuse(unreachable);
  server_.lose(0);
  EXPECT_TRUE(until([&] { return server_.tally().alive == 0; }));
  run_ready(context_);
  ASSERT_EQ(server_.attempts(), 1U);
  server_.refuse(std::nullopt);
  server_.hold();
  auto waits = acquire();
  // Well before the first pause is over.
  EXPECT_TRUE(is_connecting());
  EXPECT_TRUE(until([&] { return server_.attempts() == 2; }));
  server_.release();
  EXPECT_TRUE(waits.wait());
  EXPECT_EQ(server_.attempts(), 2U);
}

TEST_F(Pool, ReconnectsAtOnceWhenTheNetworkHasChanged) {
  make_connected(without_growth());
  server_.lose(0);
  EXPECT_TRUE(until([&] { return server_.tally().alive == 0; }));
  run_ready(context_);
  pool_->check_now();
  EXPECT_TRUE(is_connecting());
  EXPECT_TRUE(until([&] { return server_.attempts() == 2 && !is_connecting(); }));
}

TEST_F(Pool, ProbesEveryConnectionWhenTheNetworkHasChanged) {
  make_connected(growing_to(2));
  acquire_and_open();
  acquire_and_open();
  pool_->check_now();
  EXPECT_TRUE(until([&] { return server_.tally().probes == 2; }));
}

TEST_F(Pool, MakesAllConnectionsAnewWhenAsked) {
  make_connected(growing_to(2));
  acquire_and_open();
  acquire_and_open();
  pool_->renew();
  held_.clear();
  EXPECT_TRUE(until([&] { return server_.attempts() == 3 && server_.tally().alive == 1; }));
  EXPECT_TRUE(until([&] {
    const auto now = pool_->connections();
    return now.size() == 1 && now[0].now == connection_status::state::ready;
  }));
  EXPECT_EQ(pool_->connections()[0].number, 3U);
}

TEST_F(Pool, BeginsAttemptsAnewWhenAsked) {
  make_connected(without_growth());
  server_.hold();
  server_.lose(0);
  ASSERT_TRUE(until([&] { return server_.attempts() == 2; }));
  pool_->restart_attempts();
  ASSERT_TRUE(until([&] { return server_.attempts() == 3; }));
  EXPECT_TRUE(server_.might_ask(2));
  EXPECT_TRUE(until([&] { return pool_->connections().size() == 1; })) << "the first has been given up";
  server_.release();
  EXPECT_TRUE(acquire().wait());
  EXPECT_EQ(server_.attempts(), 3U);
  EXPECT_FALSE(given_up_);
}

TEST_F(Pool, BeginsTheFirstAttemptAnewWhenAsked) {
  server_.hold();
  make(without_growth());
  started connecting(context_, pool_->connect());
  ASSERT_TRUE(until([&] { return server_.attempts() == 1; }));
  pool_->restart_attempts();
  ASSERT_TRUE(until([&] { return server_.attempts() == 2; }));
  EXPECT_FALSE(connecting.done());
  server_.release();
  EXPECT_TRUE(connecting.wait());
}

TEST_F(Pool, LeavesConnectionsAloneWhenAttemptsAreBegunAnew) {
  make_connected(without_growth());
  pool_->restart_attempts();
  run_ready(context_);
  EXPECT_EQ(server_.attempts(), 1U);
  EXPECT_TRUE(acquire().wait());
}

TEST_F(PoolOfRoomyConnections, BeginsTheAttemptsOfBaseConnectionsAnew) {
  make_complete(2);
  server_.hold();
  server_.lose(1);
  ASSERT_TRUE(until([&] { return server_.attempts() == 3; }));
  pool_->restart_attempts();
  ASSERT_TRUE(until([&] { return server_.attempts() == 4; }));
  EXPECT_FALSE(server_.might_ask(3));
  server_.release();
  EXPECT_TRUE(until([&] { return server_.tally().alive == 2 && !is_connecting(); }));
}

TEST_F(Pool, EndsAttemptsThatHang) {
  server_.hold();
  make(without_growth());
  const started connecting(context_, pool_->connect());
  ASSERT_TRUE(until([&] { return server_.attempts() == 1; }));
  EXPECT_TRUE(pool_->end_attempts(never));
}

TEST_F(Pool, KnowsOfAnAttemptThatCannotBeEnded) {
  std::promise<void> looked_up;
  auto look_up = [&]() -> awaitable<result<std::shared_ptr<ssh::connection>>> {
    looked_up.get_future().wait();
    co_return unreachable;
  };
  pool_ = std::make_unique<pool>(
      context_.get_executor(), "fake", [&](bool) { return look_up(); }, without_growth(),
      keepalive_policy{.interval = {}}, [](const error&) {});
  const started connecting(context_, pool_->connect());
  run_ready(context_);
  EXPECT_FALSE(pool_->end_attempts(milliseconds(10)));
  looked_up.set_value();
  EXPECT_TRUE(pool_->end_attempts(never));
}

TEST_F(Pool, TellsWhyThereIsNoConnectionAndWhenItTriesAgain) {
  make_connected(without_growth());
  EXPECT_FALSE(pool_->current_outage());
  server_.refuse(unreachable);
  server_.lose(0);
  EXPECT_TRUE(until([&] { return pool_->current_outage().has_value(); }));
  EXPECT_EQ(pool_->current_outage()->why, "the server went away");
  ASSERT_TRUE(pool_->current_outage()->pause);
  EXPECT_GT(*pool_->current_outage()->pause, milliseconds(0));
  EXPECT_TRUE(until([&] { return pool_->current_outage()->why == unreachable.message; }));
  server_.refuse(std::nullopt);
  server_.hold();
  pool_->check_now();
  EXPECT_FALSE(pool_->current_outage()->pause) << "an attempt is under way";
  server_.release();
  EXPECT_TRUE(until([&] { return !pool_->current_outage(); }));
}

TEST_F(Pool, TellsOfItsConnections) {
  server_.hold();
  make(without_growth());
  started connecting(context_, pool_->connect());
  EXPECT_TRUE(until([&] { return server_.attempts() == 1; }));
  ASSERT_EQ(pool_->connections().size(), 1U);
  EXPECT_EQ(pool_->connections()[0].now, connection_status::state::connecting);
  EXPECT_EQ(pool_->connections()[0].protocol, "");
  server_.release();
  EXPECT_TRUE(connecting.wait());
  acquire_and_open();
  EXPECT_EQ(pool_->connections()[0].now, connection_status::state::ready);
  EXPECT_EQ(pool_->connections()[0].flows, 1U);
  EXPECT_NE(pool_->connections()[0].protocol, "");
  server_.lose(0);
  EXPECT_TRUE(until([&] { return pool_->connections()[0].now == connection_status::state::ending; }));
}

TEST_F(Pool, MakesWaitersWaitForTheNewConnectionAndThenGiveUp) {
  auto bounds = without_growth();
  bounds.reconnection = milliseconds(10);
  make_connected(bounds);
  server_.refuse(unreachable);
  server_.lose(0);
  EXPECT_TRUE(until([&] { return server_.tally().alive == 0; }));
  run_ready(context_);
  auto waits = acquire();
  const auto& outcome = waits.wait();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ssh::errc::connection_lost);
  EXPECT_THAT(outcome.error().message, HasSubstr("no SSH connection: "));
}

TEST_F(Pool, KeepsOtherConnectionsWhenOneIsLost) {
  make_connected(growing_to(2));
  acquire_and_open();
  acquire_and_open();
  server_.lose(0);
  // The flow on it has ended too.
  drop_lease();
  EXPECT_TRUE(until([&] { return server_.tally().alive == 1; }));
  server_.settle(1, no_such_target);
  auto next = acquire();
  EXPECT_TRUE(next.wait());
  EXPECT_EQ(server_.attempts(), 2U);
}

TEST_F(Pool, KeepsALostConnectionsThreadUntilItsFlowsHaveEnded) {
  make_connected(without_growth());
  acquire_and_open();
  server_.lose(0);
  EXPECT_TRUE(until([&] { return server_.attempts() == 2 && !is_connecting(); }));
  EXPECT_EQ(server_.tally().alive, 2U);
  drop_lease();
  EXPECT_TRUE(until([&] { return server_.tally().alive == 1; }));
}

TEST_F(Pool, GivesUpForGoodAfterThreeRefusedAuthenticationsInARow) {
  make_connected(without_growth());
  server_.refuse(refused);
  server_.lose(0);
  EXPECT_TRUE(until([&] { return server_.tally().alive == 0; }));
  for (std::size_t attempt = 2; attempt <= 4; ++attempt) {
    run_ready(context_);
    EXPECT_FALSE(given_up_);
    // Rather than the rest of the pause.
    pool_->check_now();
    EXPECT_TRUE(until([&] { return server_.attempts() == attempt && !is_connecting(); }));
  }
  ASSERT_TRUE(given_up_);
  EXPECT_EQ(given_up_->message, refused.message);
}

class PatientPool : public Pool, public testing::WithParamInterface<error> {};

TEST_P(PatientPool, NeverGivesUpOnWhatMayPass) {
  make_connected(without_growth());
  server_.refuse(GetParam());
  server_.lose(0);
  EXPECT_TRUE(until([&] { return server_.tally().alive == 0; }));
  for (std::size_t attempt = 2; attempt <= 7; ++attempt) {
    run_ready(context_);
    pool_->check_now();
    EXPECT_TRUE(until([&] { return server_.attempts() == attempt && !is_connecting(); }));
  }
  EXPECT_FALSE(given_up_);
}

INSTANTIATE_TEST_SUITE_P(, PatientPool, testing::Values(unreachable, nobody_answers),
                         [](const auto& each) { return each.index == 0 ? "OutOfReach" : "SecretAwaited"; });

// --- the end -----------------------------------------------------------------------------------------------

TEST_F(Pool, SaysGoodbyeOnEveryConnectionWhenItCloses) {
  make_connected(growing_to(2));
  acquire_and_open();
  acquire_and_open();
  held_.clear();
  close();
  EXPECT_EQ(server_.tally().closed, 2U);
  EXPECT_EQ(server_.tally().alive, 0U);
  EXPECT_FALSE(is_connecting());
}

TEST_F(Pool, ClosesInTheMidstOfAnAttempt) {
  make_connected(without_growth());
  server_.hold();
  server_.lose(0);
  EXPECT_TRUE(until([&] { return server_.attempts() == 2; }));
  close();
  EXPECT_EQ(server_.tally().alive, 0U);
}

TEST_F(Pool, MayCloseBeforeItsLeasesGo) {
  make_connected(without_growth());
  acquire_and_open();
  close();
  held_.clear();
}

}  // namespace
}  // namespace tunnel::pool
