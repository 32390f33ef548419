#include "pool/slot.hpp"

#include <string>
#include <utility>

#include "base/log.hpp"
#include "ssh/errors.hpp"

namespace tunnel::pool {

slot::slot(unsigned slot_number, asio::any_io_executor home, const events& told)
    : number(slot_number),
      home_(std::move(home)),
      told_(told),
      worker_("ssh-" + std::to_string(slot_number)) {}

slot::~slot() {
  worker_.join();
  // They live on the worker's executor, which ends with the worker.
  liveness_.reset();
  connection_.reset();
}

void slot::connect(const connector& make, bool may_ask, keepalive_policy keepalives) {
  auto ended = [this](std::exception_ptr failure) {
    if (failure) on_broken(failure);
    attempt_over_ = true;
    attempt_end_.set_value();
  };
  asio::co_spawn(executor(), run(make, may_ask, keepalives),
                 asio::bind_cancellation_slot(giving_up_.slot(), std::move(ended)));
}

void slot::abandon() {
  asio::post(executor(), [this] {
    if (attempt_over_ || std::exchange(abandoned_, true)) return;
    asio::post(home_, [&told = told_, id = number] { told.abandoned(id); });
    giving_up_.emit(asio::cancellation_type::terminal);
  });
}

bool slot::attempt_ends_by(std::chrono::steady_clock::time_point limit) {
  return attempt_ended_.wait_until(limit) == std::future_status::ready;
}

void slot::tell_connected(const result<ssh::connection_info>& outcome, std::size_t limit) {
  asio::post(home_, [&told = told_, id = number, outcome, limit] { told.connected(id, outcome, limit); });
}

// Memory or libcrypto gave out: an attempt that failed, as others do.
void slot::on_broken(const std::exception_ptr& failure) {
  error why{make_error_code(ssh::errc::connection_lost), "the connection could not be made"};
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& known) {
    why.message += std::string(": ") + known.what();
  }
  tell_connected(why, 0);
}

awaitable<void> slot::run(connector make, bool may_ask, keepalive_policy keepalives) {
  auto attempt = make(may_ask);
  auto made = co_await std::move(attempt);
  // It may have been made in the instant in which it was given up.
  if (made && abandoned_) {
    (*made)->close();
    made = error{ssh::errc::connection_lost, "given up"};
  }
  if (!made) co_return tell_connected(made.error(), 0);
  connection_ = *made;
  connection_->observe(this);
  liveness_ = std::make_shared<ssh::liveness>(connection_, keepalives.interval, keepalives.count_max);
  liveness_->start();
  tell_connected(connection_->info(), connection_->open_limit());
}

void slot::check_now() {
  asio::post(executor(), [this] {
    if (liveness_) liveness_->check_now();
  });
}

void slot::fail(const error& why) {
  asio::post(executor(), [this, why] {
    if (connection_) connection_->fail(why);
  });
}

void slot::close() {
  std::promise<void> said;
  asio::post(executor(), [this, &said] {
    liveness_.reset();
    if (connection_) connection_->close();
    said.set_value();
  });
  said.get_future().wait();
}

void slot::on_lost(const error& why) {
  // Posted, because the watcher itself may be what gave the connection up.
  asio::post(executor(), [this] { liveness_.reset(); });
  asio::post(home_, [&told = told_, id = number, why] { told.lost(id, why); });
}

void slot::on_open_settled() {
  asio::post(home_, [&told = told_, id = number] { told.open_settled(id); });
}

}  // namespace tunnel::pool
