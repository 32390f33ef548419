#include "udp/client/outlet.hpp"

#include <utility>

#include "aio/rethrow.hpp"
#include "udp/client/errors.hpp"

namespace tunnel::udp {

std::shared_ptr<outlet> outlet::make(const asio::any_io_executor& executor, finder find) {
  auto made = std::make_shared<outlet>(executor, std::move(find));
  made->sweep();
  return made;
}

outlet::outlet(const asio::any_io_executor& executor, finder find)
    : find_(std::move(find)), sweep_(executor) {}

awaitable<result<found_way>> outlet::way_out(std::shared_ptr<access> by) {
  if (current_ && !current_->through->lost()) co_return *current_;
  if (failure_ && clock::now() - failed_at_ < failure_memory) co_return *failure_;
  if (!std::exchange(searching_, true)) {
    current_.reset();
    // By itself, so that it goes on for others when the one who began it leaves.
    asio::co_spawn(sweep_.get_executor(), search(by), aio::rethrow);
  }
  asio::steady_timer settled(sweep_.get_executor(), clock::time_point::max());
  const auto place = waiting_.insert(waiting_.end(), &settled);
  // It may have ended already: what has nothing to wait for runs at once.
  if (searching_) co_await settled.async_wait(as_tuple);
  waiting_.erase(place);
  if (current_) co_return *current_;
  co_return failure_.value_or(error{errc::no_way, "the client left"});
}

awaitable<void> outlet::search(std::shared_ptr<access> by) {
  const auto self = shared_from_this();
  auto finding = find_(std::move(by), remembered_);
  const auto outcome = co_await std::move(finding);
  settle(outcome);
}

void outlet::settle(const result<found_way>& outcome) {
  searching_ = false;
  failure_.reset();
  if (outcome) {
    current_ = *outcome;
    // That is what is left when all else fails, as it may for once.
    if (outcome->which != way::dns) remembered_ = outcome->which;
  } else {
    failure_ = outcome.error();
    failed_at_ = clock::now();
  }
  for (auto* each : waiting_) each->cancel();
}

void outlet::sweep() {
  sweep_.expires_after(linger / 2);
  sweep_.async_wait([self = shared_from_this()](boost::system::error_code failure) {
    if (failure) return;
    auto& current = self->current_;
    const auto idle_since = current ? current->through->idle_since() : std::nullopt;
    if (idle_since && clock::now() - *idle_since >= linger) current.reset();
    self->sweep();
  });
}

}  // namespace tunnel::udp
