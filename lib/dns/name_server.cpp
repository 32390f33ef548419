#include "dns/name_server.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "dns/errors.hpp"

namespace tunnel::dns {

/// A query that waits: under way on one channel or on two.
struct name_server::call {
  struct copy {
    std::shared_ptr<server_channel> by;
    std::uint16_t id;
    bool over;
  };

  explicit call(const asio::any_io_executor& home) : changed(home) {}

  asio::steady_timer changed;
  std::vector<copy> copies;
  std::optional<result<octets>> outcome;
};

name_server::name_server(asio::any_io_executor home, pool::pool& connections, ssh::endpoint server,
                         id_source ids)
    : home_(std::move(home)), connections_(connections), server_(std::move(server)), ids_(std::move(ids)) {}

awaitable<result<octets>> name_server::exchange(octets query) {
  // Both live as long as the coroutine; the call's timer is used by handlers that come later.
  const auto self = shared_from_this();
  const auto asking = std::make_shared<call>(home_);
  const struct forgetter {
    name_server& owner;
    call& asking;
    ~forgetter() { owner.forget(asking); }
  } forgetting{*this, *asking};

  const auto begun = std::chrono::steady_clock::now();
  send(asking, query);
  if (!asking->outcome) {
    asking->changed.expires_at(begun + second_copy);
    co_await asking->changed.async_wait(as_tuple);
  }
  const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
  if (!asking->outcome && cancelled == asio::cancellation_type::none) {
    send(asking, query);
    asking->changed.expires_at(begun + try_limit);
    if (!asking->outcome) co_await asking->changed.async_wait(as_tuple);
  }
  if (asking->outcome) co_return std::move(*asking->outcome);
  co_return error{errc::no_answer, "the name server " + sanitise(server_.text()) + " did not answer within " +
                                       std::to_string(try_limit.count()) + " s"};
}

void name_server::send(const std::shared_ptr<call>& asking, const octets& query) {
  server_channel* chosen = choose(*asking);
  if (chosen == nullptr) return;
  const auto place = asking->copies.size();
  auto done = [asking, place](result<octets> answered) {
    asking->copies[place].over = true;
    const bool all_over = std::all_of(asking->copies.begin(), asking->copies.end(),
                                      [](const call::copy& each) { return each.over; });
    // Another copy may still have better luck.
    if (asking->outcome || (!answered && !all_over)) return;
    asking->outcome = std::move(answered);
    asking->changed.cancel();
  };
  asking->copies.push_back({chosen->shared_from_this(), 0, false});
  const auto asked = chosen->ask(query, std::move(done));
  if (asked) {
    asking->copies[place].id = *asked;
  } else {
    asking->copies.pop_back();
    if (asking->copies.empty()) asking->outcome = asked.error();
  }
}

// The channel for one more query: none that it is under way on already.
server_channel* name_server::choose(const call& asking) {
  server_channel* best = nullptr;
  for (const auto& each : channels_) {
    const bool taken = std::any_of(asking.copies.begin(), asking.copies.end(),
                                   [&](const call::copy& copy) { return copy.by == each; });
    if (taken) continue;
    const bool better = best == nullptr || each->silence() < best->silence() ||
                        (each->silence() == best->silence() && each->waiting() < best->waiting());
    if (better) best = each.get();
  }
  if ((best == nullptr || best->silence() >= silent_after) && channels_.size() < max_channels) {
    channels_.push_back(std::make_shared<server_channel>(home_, connections_, server_, ids_));
    best = channels_.back().get();
  }
  return best;
}

void name_server::forget(call& asking) {
  for (const auto& [by, id, over] : asking.copies) {
    if (over) continue;
    // A channel that says nothing at all may be dead: whatever else waits there is asked anew.
    const bool dead = by->silence() >= try_limit / 2;
    by->forget(id);
    if (dead) by->replace();
  }
}

void name_server::close() {
  for (const auto& each : channels_) each->close();
}

}  // namespace tunnel::dns
