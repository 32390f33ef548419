#include "ssh/liveness.hpp"

#include <string>
#include <utility>

#include "ssh/errors.hpp"

namespace tunnel::ssh {

namespace {

// Longer than any usable round trip, including a radio link's waking up, and than a server's usual pause when
// it looks a name up in vain.
constexpr auto urgent_limit = std::chrono::seconds(10);

}  // namespace

liveness::liveness(std::shared_ptr<connection> watched, std::chrono::steady_clock::duration interval,
                   unsigned count_max)
    : watched_(std::move(watched)),
      interval_(interval),
      count_max_(count_max),
      timer_(watched_->get_executor()) {}

void liveness::start() {
  if (interval_ > interval_.zero()) rearm(watched_->last_heard() + interval_);
}

void liveness::rearm(std::chrono::steady_clock::time_point when) {
  timer_.expires_at(when);
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code failure) {
    const auto self = weak.lock();
    if (self && !failure) self->expired();
  });
}

void liveness::check_now() {
  // One verdict is on its way already, and asking again would put it off.
  if (std::exchange(urgent_, true)) return;
  asked_ = std::chrono::steady_clock::now();
  watched_->probe();
  rearm(asked_ + urgent_limit);
}

void liveness::expired() {
  const auto now = std::chrono::steady_clock::now();
  const auto heard = watched_->last_heard();
  if (std::exchange(urgent_, false) && heard < asked_) {
    return watched_->fail(
        {errc::connection_lost, "connection lost: the server no longer answers after the network changed"});
  }
  if (interval_ == interval_.zero()) return;
  if (heard + interval_ > now) {
    unanswered_ = 0;
    return rearm(heard + interval_);
  }
  // An answer moves last_heard past the question, so what was heard since then settles all questions.
  if (heard >= asked_) unanswered_ = 0;
  if (unanswered_ >= count_max_) {
    return watched_->fail({errc::connection_lost, "connection lost: the server did not answer " +
                                                      std::to_string(unanswered_) + " keepalives"});
  }
  ++unanswered_;
  asked_ = now;
  watched_->probe();
  rearm(now + interval_);
}

}  // namespace tunnel::ssh
