#include "support/fake_server.hpp"

#include <stdexcept>
#include <utility>

#include "ssh/errors.hpp"
#include "support/event_loop.hpp"

namespace tunnel::support {

pool::connector fake_server::connector() {
  return [this](bool may_ask) { return attempt(may_ask); };
}

awaitable<result<std::shared_ptr<ssh::connection>>> fake_server::attempt(bool may_ask) {
  const auto executor = co_await asio::this_coro::executor;
  const auto waits = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
  bool wait = false;
  {
    const std::lock_guard lock(mutex_);
    attempts_.push_back(may_ask);
    wait = held_;
    if (wait) waiting_.push_back(waits);
  }
  if (wait) co_await waits->async_wait(as_tuple);

  const std::lock_guard lock(mutex_);
  if (refusal_) co_return *refusal_;
  auto made = std::make_shared<fake_connection>(executor, open_limit_, tally_);
  made->serve_with(answers_);
  made->listen_with(listen_answers_);
  connections_.push_back(made);
  co_return std::shared_ptr<ssh::connection>(std::move(made));
}

void fake_server::serve_with(fake_connection::server answers) {
  const std::lock_guard lock(mutex_);
  answers_ = std::move(answers);
}

void fake_server::listen_with(fake_connection::listen_server answers) {
  const std::lock_guard lock(mutex_);
  listen_answers_ = std::move(answers);
}

void fake_server::refuse(std::optional<error> why) {
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(why);
}

void fake_server::hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void fake_server::release() {
  const std::lock_guard lock(mutex_);
  held_ = false;
  for (const auto& each : std::exchange(waiting_, {})) {
    // On its own thread, where an attempt that is about to wait has done so by then.
    if (const auto waits = each.lock()) {
      asio::post(waits->get_executor(), [waits] { waits->cancel(); });
    }
  }
}

std::size_t fake_server::attempts() const {
  const std::lock_guard lock(mutex_);
  return attempts_.size();
}

bool fake_server::might_ask(std::size_t attempt) const {
  const std::lock_guard lock(mutex_);
  return attempts_.at(attempt);
}

void fake_server::with(std::size_t number, const std::function<void(fake_connection&)>& action) {
  std::shared_ptr<fake_connection> found;
  {
    const std::lock_guard lock(mutex_);
    found = connections_.at(number).lock();
  }
  if (!found) throw std::logic_error("that connection is gone");
  call_on(found->get_executor(), [&] { action(*found); });
}

void fake_server::lose(std::size_t number) {
  with(number, [](fake_connection& lost) {
    lost.fail({ssh::errc::connection_lost, "the server went away"});
  });
}

void fake_server::settle(std::size_t number, const error& refusal) {
  with(number, [&](fake_connection& busy) { busy.settle_oldest(refusal); });
}

}  // namespace tunnel::support
