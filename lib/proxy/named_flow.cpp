#include "proxy/named_flow.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "aio/rethrow.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "dns/errors.hpp"
#include "proxy/address_race.hpp"
#include "proxy/reply.hpp"
#include "ssh/errors.hpp"

namespace tunnel::proxy {

namespace {

using namespace asio::experimental::awaitable_operators;
using clock = std::chrono::steady_clock;

/// One open under way, as far as its connection's thread is concerned. That thread alone uses it.
struct attempt {
  explicit attempt(const asio::any_io_executor& executor)
      : decided(executor, asio::steady_timer::time_point::max()) {}

  // Cancelled when it is known who won.
  asio::steady_timer decided;
  bool is_decided = false;
  // Given to the winner.
  std::optional<pending_flow> flow;
};

/// What the accepting thread knows of a race. It alone uses it.
class race : public std::enable_shared_from_this<race> {
 public:
  race(asio::any_io_executor home, pool::pool& connections, ssh::endpoint target, ssh::endpoint originator)
      : home_(std::move(home)),
        connections_(connections),
        target_(std::move(target)),
        originator_(std::move(originator)),
        changed_(home_) {}

  /// Runs until an open has succeeded, all have failed, or the client has left.
  awaitable<void> run(client& from, bool has_sent, std::shared_ptr<dns::resolver> names);

  /// Hands the flow to the open that succeeded, if there is one, and lets go of the others.
  bool finish(pending_flow& flow);

  /// Why none succeeded.
  [[nodiscard]] error failure() const;
  [[nodiscard]] bool client_has_left() const { return left_; }

 private:
  enum class may_repeat { no, yes };
  struct entry {
    std::weak_ptr<attempt> running;
    asio::any_io_executor executor;
    dns::ip_address address;
    may_repeat repeat;
  };

  awaitable<void> wait_for_winner();
  static awaitable<void> look_up(std::shared_ptr<race> self, std::shared_ptr<dns::resolver> names,
                                 address_race::family which);
  static awaitable<void> try_address(std::shared_ptr<race> self, dns::ip_address address, may_repeat repeat);
  static awaitable<void> open(std::weak_ptr<race> owner, asio::any_io_executor home, unsigned number,
                              std::shared_ptr<attempt> self, pool::lease held, ssh::endpoint to,
                              ssh::endpoint originator);
  void on_opened(unsigned number);
  void on_failed(unsigned number, const error& why);
  void fail(const error& why);
  static void decide(const entry& which, std::optional<pending_flow> flow);

  asio::any_io_executor home_;
  pool::pool& connections_;
  ssh::endpoint target_;
  ssh::endpoint originator_;
  asio::steady_timer changed_;
  address_race order_;
  std::map<unsigned, entry> running_;
  unsigned next_number_ = 1;
  unsigned winner_ = 0;
  std::optional<error> failure_;
  bool over_ = false;
  bool left_ = false;
};

awaitable<void> race::run(client& from, bool has_sent, std::shared_ptr<dns::resolver> names) {
  for (const auto which : {address_race::family::ipv6, address_race::family::ipv4}) {
    asio::co_spawn(home_, look_up(shared_from_this(), names, which), aio::rethrow);
  }
  auto winning = wait_for_winner();
  auto leaving = client_left(from.socket(), has_sent);
  const auto outcome = co_await (std::move(winning) || std::move(leaving));
  left_ = outcome.index() == 1;
}

awaitable<void> race::wait_for_winner() {
  const auto self = shared_from_this();
  for (;;) {
    while (const auto address = order_.next(clock::now())) {
      asio::co_spawn(home_, try_address(self, *address, may_repeat::yes), aio::rethrow);
    }
    // Attempts may have failed at once.
    if (winner_ != 0 || order_.is_over()) co_return;
    changed_.expires_at(order_.next_time().value_or(clock::time_point::max()));
    co_await changed_.async_wait(as_tuple);
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (cancelled != asio::cancellation_type::none) co_return;
  }
}

awaitable<void> race::look_up(std::shared_ptr<race> self, std::shared_ptr<dns::resolver> names,
                              address_race::family which) {
  const auto type = which == address_race::family::ipv6 ? dns::record_type::aaaa : dns::record_type::a;
  auto looking = names->addresses(self->target_.host, type);
  auto found = co_await std::move(looking);
  if (!found) {
    self->fail(found.error());
    found = std::vector<dns::ip_address>();
  }
  self->order_.add(which, *found, clock::now());
  self->changed_.cancel();
}

// --- attempts ----------------------------------------------------------------------------------------------

awaitable<void> race::try_address(std::shared_ptr<race> self, dns::ip_address address, may_repeat repeat) {
  auto acquiring = self->connections_.acquire();
  auto held = co_await std::move(acquiring);
  if (self->over_) co_return;
  if (!held) {
    self->fail(held.error());
    self->order_.on_failed();
    self->changed_.cancel();
    co_return;
  }
  const auto executor = held->executor();
  const auto made = std::make_shared<attempt>(executor);
  const auto number = self->next_number_++;
  self->running_.emplace(number, entry{made, executor, address, repeat});
  ssh::endpoint to{dns::to_string(address), self->target_.port};
  asio::co_spawn(executor,
                 open(self, self->home_, number, made, std::move(*held), std::move(to), self->originator_),
                 aio::rethrow);
}

// On the connection's thread, which is also where the attempt ends. What is the race's is posted home.
awaitable<void> race::open(std::weak_ptr<race> owner, asio::any_io_executor home, unsigned number,
                           std::shared_ptr<attempt> self, pool::lease held, ssh::endpoint to,
                           ssh::endpoint originator) {
  if (self->is_decided) co_return;
  const auto started = clock::now();
  auto opening = held.open_direct_tcpip(std::move(to), std::move(originator), open_limit);
  auto deciding = self->decided.async_wait(as_tuple);
  auto outcome = co_await (std::move(opening) || std::move(deciding));
  if (outcome.index() == 1) co_return;
  auto& opened = std::get<0>(outcome);
  if (!opened) {
    asio::post(home, [owner, number, why = opened.error()] {
      if (const auto told = owner.lock()) told->on_failed(number, why);
    });
    co_return;
  }
  asio::post(home, [owner, number] {
    if (const auto told = owner.lock()) told->on_opened(number);
  });
  if (!self->is_decided) co_await self->decided.async_wait(as_tuple);
  if (!self->flow) co_return;
  auto granting = grant(std::move(*self->flow), std::move(held), std::move(*opened), started);
  co_await std::move(granting);
}

void race::on_opened(unsigned number) {
  if (over_ || winner_ != 0) return;
  winner_ = number;
  changed_.cancel();
}

void race::on_failed(unsigned number, const error& why) {
  const auto place = running_.find(number);
  if (over_ || place == running_.end()) return;
  const auto [running, executor, address, repeat] = place->second;
  running_.erase(place);
  // Nothing has been said of the target: another connection can serve it, once.
  if (why.code == ssh::errc::connection_lost && repeat == may_repeat::yes) {
    asio::co_spawn(home_, try_address(shared_from_this(), address, may_repeat::no), aio::rethrow);
    return;
  }
  log::trace("{} at {}: {}", sanitise(target_.text()), dns::to_string(address), why.message);
  fail(why);
  order_.on_failed();
  changed_.cancel();
}

// Of several reasons the last is told, unless it only says that there is no way to a family of addresses.
void race::fail(const error& why) {
  const bool no_way = reply_for(why) == socks::reply_code::network_unreachable;
  if (!failure_ || !no_way) failure_ = why;
}

error race::failure() const {
  if (failure_) return *failure_;
  return {dns::errc::no_such_name, "the name has no address"};
}

// --- the end -----------------------------------------------------------------------------------------------

void race::decide(const entry& which, std::optional<pending_flow> flow) {
  asio::post(which.executor, [running = which.running, flow = std::move(flow)]() mutable {
    const auto told = running.lock();
    if (!told) return;
    if (flow) told->flow.emplace(std::move(*flow));
    told->is_decided = true;
    told->decided.cancel();
  });
}

bool race::finish(pending_flow& flow) {
  over_ = true;
  const bool won = winner_ != 0 && !left_;
  for (const auto& [number, each] : running_) {
    if (!won || number != winner_) {
      decide(each, std::nullopt);
      continue;
    }
    log::trace("{} is open at {}", sanitise(target_.text()), dns::to_string(each.address));
    pending_flow moved{std::move(flow.from).moved_to(each.executor), std::move(flow.wanted),
                       std::move(flow.early)};
    decide(each, std::move(moved));
  }
  running_.clear();
  return won;
}

}  // namespace

awaitable<void> connect_by_name(pending_flow flow, pool::pool& connections,
                                std::shared_ptr<dns::resolver> names) {
  const auto& wanted = flow.wanted.destination;
  ssh::endpoint target{wanted.host_text(), wanted.port};
  const auto running =
      std::make_shared<race>(names->get_executor(), connections, std::move(target), originator_of(flow.from));
  auto racing = running->run(flow.from, !flow.early.empty(), std::move(names));
  co_await std::move(racing);
  if (running->finish(flow)) co_return;
  if (running->client_has_left()) {
    log::debug("{} -> {}: the client left before the connection was there", flow.from.name(),
               wanted.to_string());
    co_return;
  }
  const auto why = running->failure();
  auto refusing = refuse(flow.from, flow.wanted, why);
  co_await std::move(refusing);
}

}  // namespace tunnel::proxy
