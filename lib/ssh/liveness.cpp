#include "ssh/liveness.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "ssh/errors.hpp"

namespace tunnel::ssh {

liveness::liveness(std::shared_ptr<connection> watched, std::chrono::steady_clock::duration interval,
                   unsigned count_max, urgent_patience patience)
    : watched_(std::move(watched)),
      interval_(interval),
      count_max_(count_max),
      patience_(patience),
      timer_(watched_->get_executor()),
      urgent_timer_(watched_->get_executor()) {}

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
  asked_urgently_ = std::chrono::steady_clock::now();
  watched_->probe();
  look_after(std::min(patience_.address, patience_.answer));
}

void liveness::look_after(std::chrono::steady_clock::duration pause) {
  urgent_timer_.expires_after(pause);
  urgent_timer_.async_wait([weak = weak_from_this()](boost::system::error_code failure) {
    const auto self = weak.lock();
    if (self && !failure) self->look();
  });
}

void liveness::look() {
  if (watched_->last_heard() >= asked_urgently_) return;
  const auto end = watched_->look_at_local_end();
  if (end == aio::local_end::without_address) {
    return watched_->fail({errc::connection_lost,
                           "connection lost: this machine no longer has the address that it was made from"});
  }
  const auto left = asked_urgently_ + patience_.answer - std::chrono::steady_clock::now();
  if (left > left.zero()) return look_after(left);
  if (end == aio::local_end::without_route) return;
  watched_->fail(
      {errc::connection_lost, "connection lost: the server no longer answers after the network changed"});
}

void liveness::expired() {
  const auto now = std::chrono::steady_clock::now();
  const auto heard = watched_->last_heard();
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
