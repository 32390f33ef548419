#include "pool/slot.hpp"

#include <future>
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
  asio::co_spawn(executor(), run(make, may_ask, keepalives), [this](std::exception_ptr failure) {
    if (failure) on_broken(failure);
  });
}

// Memory or libcrypto gave out: an attempt that failed, as others do.
void slot::on_broken(const std::exception_ptr& failure) {
  error why{make_error_code(ssh::errc::connection_lost), "the connection could not be made"};
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& known) {
    why.message += std::string(": ") + known.what();
  }
  asio::post(home_, [&told = told_, id = number, why] { told.connected(id, why, 0); });
}

awaitable<void> slot::run(connector make, bool may_ask, keepalive_policy keepalives) {
  auto attempt = make(may_ask);
  auto made = co_await std::move(attempt);
  if (!made) {
    asio::post(home_, [&told = told_, id = number, why = made.error()] { told.connected(id, why, 0); });
    co_return;
  }
  connection_ = *made;
  connection_->observe(this);
  liveness_ = std::make_shared<ssh::liveness>(connection_, keepalives.interval, keepalives.count_max);
  liveness_->start();
  asio::post(home_, [&told = told_, id = number, info = connection_->info(),
                     limit = connection_->open_limit()] { told.connected(id, info, limit); });
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
