#include "pool/pool.hpp"

#include <algorithm>
#include <random>
#include <system_error>
#include <utility>

#include "base/log.hpp"
#include "pool/slot.hpp"
#include "ssh/errors.hpp"

namespace tunnel::pool {

namespace {

// A client that comes after this long without any is a person who just began to work again: not to be
// kept waiting for the rest of a long pause.
constexpr auto quiet_time = std::chrono::seconds(5);
// A connection that lasted this long worked: the next loss starts with short pauses again.
constexpr auto settled_after = std::chrono::seconds(30);
// After a connection for more opens could not be made, none is tried for this long.
constexpr auto growth_pause = std::chrono::seconds(30);
// While a client waits, pauses are short enough for this many attempts before it is sent away.
constexpr int attempts_per_wait = 4;
// Authentication refused as often in a row, by a server that accepted it before, will not be accepted; and
// servers shut out those who insist.
constexpr unsigned max_refusals = 3;

double random_fraction() {
  static thread_local std::minstd_rand source{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(source);
}

std::string protocol_of(const ssh::connection_info& info) {
  std::string text = info.server + " (" + info.kex + ", " + info.host_key + ", " + info.cipher;
  if (!info.mac.empty()) text += ", " + info.mac;
  return text + ')';
}

// Says on the pool's thread that an open has ended, in whichever way that came.
class end_of_open {
 public:
  end_of_open(asio::any_io_executor home, std::function<void()> told)
      : home_(std::move(home)), told_(std::move(told)) {}
  end_of_open(const end_of_open&) = delete;
  end_of_open& operator=(const end_of_open&) = delete;
  ~end_of_open() { asio::post(home_, std::move(told_)); }

 private:
  asio::any_io_executor home_;
  std::function<void()> told_;
};

}  // namespace

/// A coroutine that waits for something of the pool's.
struct pool::waiter {
  asio::steady_timer timer;
  std::optional<lease> given;
  /// The last connection went while this one waited.
  bool lost = false;
  std::optional<result<void>> outcome;
};

/// What lives on executors, and so must go before they do: the slots, in order of age, with the place where
/// their events go, and the timers.
struct pool::book {
  explicit book(const asio::any_io_executor& home) : reconnect(home), growth(home), base(home), idle(home) {}

  slot::events told;
  std::list<std::unique_ptr<slot>> slots;
  asio::steady_timer reconnect;
  asio::steady_timer growth;
  asio::steady_timer base;
  asio::steady_timer idle;
};

// --- lease -------------------------------------------------------------------------------------------------

lease::lease(lease&& other) noexcept
    : owner_(other.owner_),
      held_(std::exchange(other.held_, nullptr)),
      number_(other.number_),
      open_rights_(other.open_rights_) {}

lease& lease::operator=(lease&& other) noexcept {
  std::swap(owner_, other.owner_);
  std::swap(held_, other.held_);
  std::swap(number_, other.number_);
  std::swap(open_rights_, other.open_rights_);
  return *this;
}

lease::~lease() {
  if (held_ == nullptr) return;
  asio::post(owner_->home_,
             [owner = owner_, number = number_, rights = open_rights_] { owner->release(number, rights); });
}

void lease::use_open_right() {
  if (open_rights_ == 0) keep_open_right();
  --open_rights_;
}

// Posted from the thread that also tells of the end of opens, so that none is told of before it is expected.
void lease::keep_open_right() {
  ++open_rights_;
  asio::post(owner_->home_, [owner = owner_, number = number_] { owner->on_open_expected(number); });
}

void lease::yield_open_rights() {
  for (; open_rights_ != 0; --open_rights_)
    asio::post(owner_->home_, [owner = owner_, number = number_] { owner->on_open_settled(number); });
}

asio::any_io_executor lease::executor() const {
  return held_->executor();
}

awaitable<result<std::unique_ptr<ssh::channel>>> lease::open_direct_tcpip(
    ssh::endpoint target, ssh::endpoint originator, std::chrono::steady_clock::duration limit) {
  use_open_right();
  return held_->live().open_direct_tcpip(std::move(target), std::move(originator), limit);
}

awaitable<result<std::unique_ptr<ssh::channel>>> lease::run(std::string command, ssh::command_observer& told,
                                                            std::chrono::steady_clock::duration limit) {
  use_open_right();
  return held_->live().run(std::move(command), told, limit);
}

awaitable<result<std::unique_ptr<ssh::remote_listener>>> lease::listen(
    ssh::endpoint at, std::chrono::steady_clock::duration limit) {
  use_open_right();
  // A remote listener is no open, of whose end the connection tells: with the answer its place is free again.
  const end_of_open settled(owner_->home_,
                            [owner = owner_, number = number_] { owner->on_open_settled(number); });
  auto listening = held_->live().listen(std::move(at), limit);
  co_return co_await std::move(listening);
}

const ssh::connection_info& lease::info() const {
  return held_->live().info();
}

// --- pool --------------------------------------------------------------------------------------------------

pool::pool(asio::any_io_executor home, std::string destination, connector make, limits bounds,
           keepalive_policy keepalives, failure_handler failed_for_good)
    : home_(home),
      destination_(std::move(destination)),
      make_(std::move(make)),
      bounds_(bounds),
      keepalives_(keepalives),
      failed_for_good_(std::move(failed_for_good)),
      backoff_(random_fraction),
      base_backoff_(random_fraction),
      book_(std::make_unique<book>(home)) {
  bounds_.base_connections = std::clamp(bounds_.base_connections, std::size_t{1}, bounds_.connections_in_all);
  book_->told.connected = [this](unsigned number, const result<ssh::connection_info>& outcome,
                                 std::size_t open_limit) { on_connected(number, outcome, open_limit); };
  book_->told.abandoned = [this](unsigned number) { on_abandoned(number); };
  book_->told.lost = [this](unsigned number, const error& why) { on_lost(number, why); };
  book_->told.open_settled = [this](unsigned number) { on_open_settled(number); };
}

pool::~pool() = default;

awaitable<result<void>> pool::connect() {
  waiter self{asio::steady_timer(home_, asio::steady_timer::time_point::max()), {}, false, {}};
  first_ = &self;
  open_slot(true);
  co_await self.timer.async_wait(as_tuple);
  first_ = nullptr;
  co_return *self.outcome;
}

awaitable<result<lease>> pool::acquire() {
  if (closing_) co_return error{ssh::errc::connection_lost, "the tunnel is ending"};
  const auto now = std::chrono::steady_clock::now();
  const bool after_quiet = now - std::exchange(last_request_, now) > quiet_time;
  if (slot* chosen = free_slot()) co_return take(*chosen);

  const bool connected = count_of(true) != 0;
  if (!connected) hasten_reconnection(after_quiet);
  waiter self{asio::steady_timer(home_, connected ? bounds_.turn : bounds_.reconnection), {}, !connected, {}};
  const auto place = waiters_.insert(waiters_.end(), &self);
  arrange_growth();
  bool lost = !connected;
  for (;;) {
    co_await self.timer.async_wait(as_tuple);
    if (self.given) co_return std::move(*self.given);
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    // What it waits its turn for may have gone meanwhile: then it waits for a new one.
    if (lost || !self.lost || cancelled != asio::cancellation_type::none) break;
    lost = true;
    self.timer.expires_after(bounds_.reconnection);
  }
  waiters_.erase(place);
  if (!lost) co_return error{ssh::errc::open_timeout, "every SSH connection was busy with other opens"};
  co_return error{ssh::errc::connection_lost,
                  "no SSH connection" + (last_failure_ ? ": " + last_failure_->message : std::string())};
}

slot* pool::find(unsigned number) {
  if (closing_) return nullptr;
  for (const auto& each : book_->slots) {
    if (each->number == number) return each.get();
  }
  return nullptr;
}

slot* pool::free_slot() {
  slot* best = nullptr;
  for (const auto& each : book_->slots) {
    if (each->now != slot::state::ready || each->opens >= each->open_limit) continue;
    if (best == nullptr || each->flows < best->flows) best = each.get();
  }
  return best;
}

std::size_t pool::count_of(bool ready) const {
  const auto wanted = ready ? slot::state::ready : slot::state::connecting;
  return static_cast<std::size_t>(std::count_if(book_->slots.begin(), book_->slots.end(),
                                                [&](const auto& each) { return each->now == wanted; }));
}

bool pool::may_grow() const {
  const auto now = std::chrono::steady_clock::now();
  const auto connecting = count_of(false);
  if (now < growth_allowed_ || connecting >= waiters_.size()) return false;
  const auto answering =
      static_cast<std::size_t>(std::count_if(book_->slots.begin(), book_->slots.end(), [&](const auto& each) {
        const bool unanswered = each->opens >= each->open_limit && now - each->taken > bounds_.unanswered;
        return each->now == slot::state::ready && !unanswered;
      }));
  return answering + connecting < bounds_.connections && book_->slots.size() < bounds_.connections_in_all;
}

lease pool::take(slot& chosen) {
  chosen.taken = std::chrono::steady_clock::now();
  ++chosen.opens;
  ++chosen.flows;
  ++flows_;
  return {*this, chosen, chosen.number};
}

void pool::release(unsigned number, unsigned open_rights) {
  --flows_;
  slot* released = find(number);
  if (released == nullptr) return;
  --released->flows;
  for (; open_rights != 0; --open_rights) on_open_settled(number);
  if (released->flows != 0) return;
  released->since = std::chrono::steady_clock::now();
  if (released->now == slot::state::gone) {
    remove(*released);
    return complete_base_later();
  }
  // Opens that were given up still occupy it, and it is of no other use. The last connection stays: to have
  // it again may need the user.
  if (released->opens >= released->open_limit && count_of(true) > 1) {
    remove(*released);
    return complete_base_later();
  }
  sweep_idle();
}

void pool::serve_waiters() {
  while (!waiters_.empty()) {
    slot* chosen = free_slot();
    if (chosen == nullptr) break;
    waiter* next = waiters_.front();
    waiters_.pop_front();
    next->given = take(*chosen);
    next->timer.cancel();
  }
  arrange_growth();
}

void pool::arrange_growth() {
  if (waiters_.empty() || growing_ || closing_ || count_of(true) == 0) return;
  growing_ = true;
  book_->growth.expires_after(bounds_.growth_delay);
  book_->growth.async_wait([this](boost::system::error_code failure) {
    growing_ = false;
    if (failure || closing_ || waiters_.empty()) return;
    if (may_grow()) open_slot(false);
    arrange_growth();
  });
}

bool pool::lacks_base() const {
  // Without any there is nothing to add to: reconnecting comes first, and this after it.
  const auto ready = count_of(true);
  return ready != 0 && ready + count_of(false) < bounds_.base_connections &&
         book_->slots.size() < bounds_.connections_in_all && base_refusals_ < max_refusals;
}

void pool::complete_base() {
  if (closing_ || !lacks_base()) return;
  auto lacking = bounds_.base_connections - count_of(true) - count_of(false);
  // Lost ones whose flows have not ended count too.
  lacking = std::min(lacking, bounds_.connections_in_all - book_->slots.size());
  for (; lacking != 0; --lacking) open_slot(false);
}

void pool::complete_base_later() {
  if (closing_ || base_waits_ || !lacks_base()) return;
  base_waits_ = true;
  book_->base.expires_after(base_backoff_.next());
  book_->base.async_wait([this](boost::system::error_code failure) {
    base_waits_ = false;
    if (!failure) complete_base();
  });
}

void pool::open_slot(bool may_ask) {
  const unsigned number = next_number_++;
  try {
    book_->slots.push_back(std::make_unique<slot>(number, home_, book_->told));
  } catch (const std::system_error& failure) {
    // Neither threads nor descriptors are for ever lacking: this attempt has failed as others do.
    const auto why = with_reason("no thread for another SSH connection", failure.code());
    return asio::post(home_, [this, why] { on_attempt_failed(why); });
  }
  book_->slots.back()->connect(make_, may_ask, keepalives_);
}

void pool::remove(slot& ended) {
  if (ended.now == slot::state::ready) ended.close();
  book_->slots.remove_if([&](const auto& each) { return each.get() == &ended; });
}

void pool::on_connected(unsigned number, const result<ssh::connection_info>& outcome,
                        std::size_t open_limit) {
  slot* connected = find(number);
  if (connected == nullptr) return;
  if (connected->now == slot::state::abandoned) return remove(*connected);
  if (outcome) {
    connected->now = slot::state::ready;
    connected->open_limit = open_limit;
    connected->since = std::chrono::steady_clock::now();
    connected->protocol = protocol_of(*outcome);
    refusals_ = 0;
    base_refusals_ = 0;
    last_failure_.reset();
    const bool extra = count_of(true) > 1;
    log::log(extra ? log::level::debug : log::level::info, "connected to {}: {}{}", destination_,
             connected->protocol, extra ? ", an extra connection" : "");
    if (first_ != nullptr) {
      first_->outcome = result<void>(boost::system::in_place_value);
      first_->timer.cancel();
    }
    serve_waiters();
    if (!extra) complete_base();
    // It may have come too late to be of use.
    return sweep_idle();
  }

  remove(*connected);
  on_attempt_failed(outcome.error());
}

void pool::on_attempt_failed(const error& why) {
  if (closing_) return;
  if (first_ != nullptr) {
    first_->outcome = result<void>(why);
    first_->timer.cancel();
    return;
  }
  if (count_of(true) != 0) return on_extra_failed(why);
  const bool news = !last_failure_ || last_failure_->message != why.message;
  log::log(news ? log::level::warn : log::level::debug, "could not reconnect: {}", why.message);
  last_failure_ = why;
  // Another is under way: how that ends counts.
  if (count_of(false) != 0) return;
  if (why.code == ssh::errc::authentication_failed && ++refusals_ == max_refusals) {
    return failed_for_good_(why);
  }
  reconnect_later();
}

void pool::on_extra_failed(const error& why) {
  growth_allowed_ = std::chrono::steady_clock::now() + growth_pause;
  log::debug("no extra connection: {}", why.message);
  // Those that were begun together count as one attempt.
  if (!lacks_base() || count_of(false) != 0) return;
  if (why.code == ssh::errc::authentication_failed && ++base_refusals_ == max_refusals) {
    log::warn("going on with {} connections instead of {}: {}", count_of(true), bounds_.base_connections,
              why.message);
  }
  complete_base_later();
}

void pool::on_abandoned(unsigned number) {
  slot* abandoned = find(number);
  if (abandoned == nullptr) return;
  abandoned->now = slot::state::abandoned;
  log::debug("an attempt to connect is given up for a new one");
  reconnect_now();
  complete_base();
}

void pool::on_lost(unsigned number, const error& why) {
  slot* lost = find(number);
  if (lost == nullptr) return;
  const auto lasted = std::chrono::steady_clock::now() - lost->since;
  lost->now = slot::state::gone;
  const bool others = count_of(true) != 0;
  log::log(others ? log::level::debug : log::level::warn, "{}; {}", why.message,
           others ? "other connections go on" : "reconnecting");
  last_failure_ = why;
  if (lost->flows == 0) remove(*lost);
  if (others) {
    if (lasted >= settled_after) base_backoff_.reset();
    return complete_base_later();
  }
  for (waiter* each : waiters_) {
    if (!std::exchange(each->lost, true)) each->timer.cancel();
  }
  if (count_of(false) != 0) return;
  if (lasted >= settled_after) backoff_.reset();
  reconnect_later();
}

void pool::on_open_settled(unsigned number) {
  slot* settled = find(number);
  if (settled == nullptr) return;
  --settled->opens;
  serve_waiters();
}

void pool::on_open_expected(unsigned number) {
  if (slot* expecting = find(number)) ++expecting->opens;
}

void pool::reconnect_later() {
  std::chrono::steady_clock::duration pause = backoff_.next();
  if (!waiters_.empty()) pause = std::min(pause, bounds_.reconnection / attempts_per_wait);
  reconnect_in(pause);
}

void pool::hasten_reconnection(bool at_once) {
  if (at_once) return reconnect_now();
  const auto soon = bounds_.reconnection / attempts_per_wait;
  if (book_->reconnect.expiry() > std::chrono::steady_clock::now() + soon) reconnect_in(soon);
}

void pool::reconnect_in(std::chrono::steady_clock::duration pause) {
  log::debug("next attempt in {} ms", std::chrono::duration_cast<std::chrono::milliseconds>(pause).count());
  book_->reconnect.expires_after(pause);
  book_->reconnect.async_wait([this](boost::system::error_code failure) {
    if (!failure) reconnect_now();
  });
}

void pool::reconnect_now() {
  if (closing_ || count_of(true) != 0 || count_of(false) != 0) return;
  book_->reconnect.cancel();
  open_slot(true);
}

void pool::check_now() {
  if (closing_) return;
  for (const auto& each : book_->slots) {
    if (each->now == slot::state::ready) each->check_now();
  }
  backoff_.reset();
  base_backoff_.reset();
  reconnect_now();
  complete_base();
}

void pool::renew() {
  if (closing_) return;
  const error why{ssh::errc::connection_lost, "the tunnel was asked to reconnect"};
  for (const auto& each : book_->slots) {
    if (each->now == slot::state::ready) each->fail(why);
  }
  backoff_.reset();
  base_backoff_.reset();
  reconnect_now();
}

void pool::restart_attempts() {
  if (closing_) return;
  auto room = bounds_.connections_in_all - std::min(bounds_.connections_in_all, book_->slots.size());
  for (const auto& each : book_->slots) {
    // What cannot be interrupted stays for a while beside what takes its place.
    if (each->now == slot::state::connecting && room-- == 0) return;
    if (each->now == slot::state::connecting) each->abandon();
  }
}

bool pool::end_attempts(std::chrono::steady_clock::duration limit) {
  if (closing_) return true;
  const auto end = std::chrono::steady_clock::now() + limit;
  for (const auto& each : book_->slots) each->abandon();
  return std::all_of(book_->slots.begin(), book_->slots.end(),
                     [&](const auto& each) { return each->attempt_ends_by(end); });
}

std::vector<connection_status> pool::connections() const {
  std::vector<connection_status> all;
  if (closing_) return all;
  all.reserve(book_->slots.size());
  for (const auto& each : book_->slots) {
    using state = connection_status::state;
    auto now = state::ending;
    if (each->now == slot::state::ready) now = state::ready;
    if (each->now == slot::state::connecting) now = state::connecting;
    all.push_back({each->number, now, each->flows, each->protocol});
  }
  return all;
}

std::optional<outage> pool::current_outage() const {
  if (closing_ || count_of(true) != 0) return std::nullopt;
  outage now;
  if (last_failure_) now.why = last_failure_->message;
  if (count_of(false) == 0)
    now.pause = std::max(std::chrono::steady_clock::duration::zero(),
                         book_->reconnect.expiry() - std::chrono::steady_clock::now());
  return now;
}

void pool::sweep_idle() {
  if (sweeping_ || closing_ || count_of(true) <= bounds_.base_connections) return;
  sweeping_ = true;
  book_->idle.expires_after(bounds_.idle);
  book_->idle.async_wait([this](boost::system::error_code failure) {
    sweeping_ = false;
    if (failure || closing_) return;
    const auto now = std::chrono::steady_clock::now();
    const auto& slots = book_->slots;
    for (auto next = slots.begin(); next != slots.end() && count_of(true) > bounds_.base_connections;) {
      slot& each = **next++;
      if (each.now == slot::state::ready && each.flows == 0 && now - each.since >= bounds_.idle) remove(each);
    }
    sweep_idle();
  });
}

void pool::close() {
  if (std::exchange(closing_, true)) return;
  for (const auto& each : book_->slots) {
    if (each->now == slot::state::ready) each->close();
  }
  book_.reset();
}

}  // namespace tunnel::pool
