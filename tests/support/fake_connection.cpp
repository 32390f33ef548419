#include "support/fake_connection.hpp"

#include <utility>

#include "ssh/errors.hpp"

namespace tunnel::support {

fake_connection::fake_connection(asio::any_io_executor executor, std::size_t open_limit,
                                 std::shared_ptr<connection_tally> tally)
    : executor_(std::move(executor)), open_limit_(open_limit), tally_(std::move(tally)) {
  ++tally_->alive;
}

fake_connection::~fake_connection() {
  --tally_->alive;
}

awaitable<fake_connection::open_outcome> fake_connection::open_direct_tcpip(
    ssh::endpoint target, ssh::endpoint, std::chrono::steady_clock::duration limit) {
  if (ended_) co_return *ended_;
  const auto self = shared_from_this();
  const auto waits = std::make_shared<asio::steady_timer>(executor_, limit);
  const auto request = std::make_shared<open>();
  request->waits = waits;
  pending_.push_back(request);
  ++tally_->opens;
  auto answer = server_ ? server_(*this, target) : std::nullopt;
  if (answer) {
    // As a real engine answers: later, from the event loop.
    asio::post(executor_, [self, outcome = std::make_shared<open_outcome>(std::move(*answer))] {
      if (!self->ended_) self->settle_oldest(std::move(*outcome));
    });
  }
  co_await waits->async_wait(as_tuple);
  if (!request->outcome) co_return error{ssh::errc::open_timeout, "no answer"};
  co_return std::move(*request->outcome);
}

awaitable<fake_connection::open_outcome> fake_connection::open_direct_streamlocal(
    std::string, std::chrono::steady_clock::duration) {
  co_return error{ssh::errc::unsupported_by_engine, "a connection to nowhere"};
}

awaitable<fake_connection::open_outcome> fake_connection::run(std::string, ssh::command_observer&,
                                                              std::chrono::steady_clock::duration) {
  co_return error{ssh::errc::unsupported_by_engine, "a connection to nowhere"};
}

awaitable<fake_connection::listen_outcome> fake_connection::listen(
    ssh::endpoint at, std::chrono::steady_clock::duration limit) {
  ++tally_->listens;
  auto answer = listen_server_ ? listen_server_(*this, at) : std::nullopt;
  if (answer) co_return std::move(*answer);
  const auto self = shared_from_this();
  const auto waits = std::make_shared<asio::steady_timer>(executor_, limit);
  listening_.push_back(waits);
  co_await waits->async_wait(as_tuple);
  if (ended_) co_return *ended_;
  co_return error{ssh::errc::open_timeout, "no answer"};
}

void fake_connection::settle_oldest(open_outcome outcome) {
  const auto request = pending_.front();
  pending_.erase(pending_.begin());
  if (const auto waits = request->waits.lock()) {
    request->outcome = std::move(outcome);
    waits->cancel();
  }
  if (observer_ != nullptr) observer_->on_open_settled();
}

void fake_connection::probe() {
  ++tally_->probes;
  if (answers_probes_) hear();
}

void fake_connection::fail(error why) {
  if (ended_) return;
  const auto self = shared_from_this();
  ended_ = why;
  while (!pending_.empty()) settle_oldest(why);
  for (const auto& each : listening_) {
    if (const auto waits = each.lock()) waits->cancel();
  }
  if (observer_ != nullptr) std::exchange(observer_, nullptr)->on_lost(why);
}

void fake_connection::close() {
  ++tally_->closed;
  observer_ = nullptr;
  fail({ssh::errc::connection_lost, "closed"});
}

}  // namespace tunnel::support
