#include "proxy/door.hpp"

#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "ssh/errors.hpp"

namespace tunnel::proxy {

door::door(std::unique_ptr<ssh::remote_listener> at, expected_peer wanted, std::string name)
    : listener_(std::move(at)), wanted_(wanted), name_(std::move(name)) {}

awaitable<result<visitor>> door::wait(std::chrono::steady_clock::duration limit) {
  settled_.emplace(co_await asio::this_coro::executor, limit);
  listener_->attach(*this);
  co_await settled_->async_wait(as_tuple);
  listener_.reset();
  if (outcome_) co_return std::move(*outcome_);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit).count();
  std::string others = turned_away_ == 0 ? "" : ", but " + std::to_string(turned_away_) + " others did";
  co_return error{ssh::errc::open_timeout,
                  "nobody connected within " + std::to_string(seconds) + " s" + others};
}

void door::on_connection(std::unique_ptr<ssh::channel> opened, std::optional<ssh::endpoint> originator) {
  if (originator && !wanted_.admits(*originator)) {
    // Once: how many more lines there would be is in the hands of whoever connects.
    if (turned_away_++ == 0)
      log::debug("{}: turned {} away, which is not the host that was named", name_,
                 sanitise(originator->text()));
    return;
  }
  if (!originator && !wanted_.is_anybody())
    log::warn("{}: this engine cannot tell who connected; taken for the host that was named", name_);
  settle(visitor{std::move(opened), std::move(originator)});
}

void door::on_closed(const error& lost) {
  settle(lost);
}

void door::settle(result<visitor> outcome) {
  // Those who are on their way to the listener are sent away by its end.
  listener_.reset();
  outcome_.emplace(std::move(outcome));
  settled_->cancel();
}

}  // namespace tunnel::proxy
