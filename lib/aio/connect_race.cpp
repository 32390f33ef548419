#include "aio/connect_race.hpp"

#include <list>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "aio/deadline.hpp"
#include "aio/rethrow.hpp"
#include "base/log.hpp"

namespace tunnel::aio {

namespace {

using clock = std::chrono::steady_clock;
using connect_outcome = std::tuple<boost::system::error_code>;

awaitable<boost::system::error_code> connect_one(tcp::socket& socket, tcp::endpoint address,
                                                 clock::duration limit) {
  auto attempt = socket.async_connect(address, as_tuple);
  auto outcome = co_await within<connect_outcome>(limit, std::move(attempt));
  if (!outcome) co_return asio::error::timed_out;
  co_return std::get<0>(*outcome);
}

// What the system's word for a failure leaves its reader with.
std::string advice_for(const boost::system::error_code& failure) {
  if (failure == asio::error::connection_refused)
    return "; nothing listens on that port: is it the right one, and does the server run?";
  if (failure == asio::error::timed_out)
    return "; nobody answers: is the host up, and does a firewall in between let that port through?";
  if (failure == asio::error::network_unreachable || failure == asio::error::host_unreachable)
    return "; this machine has no way there: is its network, or a VPN that leads there, up?";
  return "";
}

// The attempts, which share it with the race.
class contest : public std::enable_shared_from_this<contest> {
 public:
  contest(asio::any_io_executor executor, dial_target target)
      : executor_(std::move(executor)), target_(std::move(target)), change_(executor_) {}

  void begin(const tcp::endpoint& address) {
    ++begun_;
    asio::co_spawn(executor_, attempt(shared_from_this(), address), rethrow);
  }

  [[nodiscard]] bool is_won() const { return winner_.has_value(); }
  [[nodiscard]] bool is_idle() const { return begun_ == ended_; }
  [[nodiscard]] std::size_t begun() const { return begun_; }
  [[nodiscard]] std::size_t ended() const { return ended_; }

  // For one more end of an attempt than `ended`, but not beyond `limit`.
  awaitable<void> wait(std::size_t ended, clock::time_point limit) {
    change_.expires_at(limit);
    if (ended == ended_) co_await change_.async_wait(as_tuple);
  }

  result<tcp::socket> outcome() {
    if (winner_) return std::move(*winner_);
    return last_failure_;
  }

  void give_up() {
    given_up_ = true;
    for (auto& each : under_way_) close(each);
  }

 private:
  static void close(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.close(ignored);
  }

  static awaitable<void> attempt(std::shared_ptr<contest> self, tcp::endpoint address) {
    const auto socket = self->under_way_.emplace(self->under_way_.end(), self->executor_);
    auto connecting = self->connect(*socket, address);
    const auto connected = co_await std::move(connecting);
    if (!connected) self->last_failure_ = connected.error();
    if (connected && !self->given_up_ && !self->winner_) self->winner_.emplace(std::move(*socket));
    self->under_way_.erase(socket);
    ++self->ended_;
    self->change_.cancel();
  }

  awaitable<result<void>> connect(tcp::socket& socket, tcp::endpoint address) {
    const auto text = address.address().to_string();
    log::debug("connecting to {} [{}] port {}", target_.host, text, target_.port);
    auto opening = open_socket(socket, address, target_.socket);
    const auto opened = co_await std::move(opening);
    if (!opened) co_return opened.error();
    // An own address may have taken a look-up.
    if (given_up_) co_return error{asio::error::make_error_code(asio::error::operation_aborted), "given up"};
    auto connecting = connect_one(socket, address, target_.timeout);
    const auto failure = co_await std::move(connecting);
    if (!failure) co_return boost::system::in_place_value;
    auto reason = with_reason(
        "connect to host " + target_.host + " [" + text + "] port " + std::to_string(target_.port), failure);
    reason.message += advice_for(failure);
    co_return reason;
  }

  asio::any_io_executor executor_;
  dial_target target_;
  asio::steady_timer change_;
  std::list<tcp::socket> under_way_;
  std::size_t begun_ = 0;
  std::size_t ended_ = 0;
  bool given_up_ = false;
  std::optional<tcp::socket> winner_;
  error last_failure_;
};

}  // namespace

std::vector<tcp::endpoint> families_in_turn(const std::vector<tcp::endpoint>& addresses) {
  std::vector<tcp::endpoint> of_first;
  std::vector<tcp::endpoint> others;
  for (const auto& each : addresses) {
    const bool same = each.protocol() == addresses.front().protocol();
    (same ? of_first : others).push_back(each);
  }
  std::vector<tcp::endpoint> all;
  for (std::size_t i = 0; all.size() < addresses.size(); ++i) {
    if (i < of_first.size()) all.push_back(of_first[i]);
    if (i < others.size()) all.push_back(others[i]);
  }
  return all;
}

awaitable<result<tcp::socket>> connect_race(std::vector<tcp::endpoint> addresses, dial_target target) {
  const auto executor = co_await asio::this_coro::executor;
  const auto held = std::make_shared<contest>(executor, std::move(target));
  struct ending {
    contest& of;
    ~ending() { of.give_up(); }
  };
  const ending whatever_happens{*held};
  const auto all_begun = [&] { return held->begun() == addresses.size(); };
  while (!held->is_won() && !(all_begun() && held->is_idle())) {
    const auto ended = held->ended();
    if (!all_begun()) held->begin(addresses[held->begun()]);
    auto change = held->wait(ended, all_begun() ? clock::time_point::max() : clock::now() + attempt_delay);
    co_await std::move(change);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
      co_return error{asio::error::make_error_code(asio::error::operation_aborted), "given up"};
  }
  co_return held->outcome();
}

}  // namespace tunnel::aio
