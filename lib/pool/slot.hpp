#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>

#include "aio/worker.hpp"
#include "pool/pool.hpp"
#include "ssh/liveness.hpp"

namespace tunnel::pool {

/// A place for one SSH connection, with the thread that it lives on.
///
/// What is public here is used from the pool's thread, but for what says otherwise. Events are posted to
/// the pool's executor, with the slot's number rather than its address: it may be gone when they arrive.
class slot final : public ssh::connection_observer {
 public:
  enum class state { connecting, abandoned, ready, gone };

  struct events {
    std::function<void(unsigned number, result<ssh::connection_info> outcome, std::size_t open_limit)>
        connected;
    std::function<void(unsigned number)> abandoned;
    std::function<void(unsigned number, error why)> lost;
    std::function<void(unsigned number)> open_settled;
  };

  slot(unsigned number, asio::any_io_executor home, const events& told);
  ~slot();

  /// Begins to connect, on the slot's own thread. events.connected follows.
  void connect(const connector& make, bool may_ask, keepalive_policy keepalives);
  /// Gives an attempt to connect up. events.abandoned follows at once, and events.connected, with an error,
  /// when what cannot be interrupted is over; neither for an attempt that has ended meanwhile.
  void abandon();
  /// Whether the attempt has ended, or does so by then.
  bool attempt_ends_by(std::chrono::steady_clock::time_point limit);
  /// Asks the server for a quick sign of life.
  void check_now();
  /// Ends the connection as lost. events.lost follows.
  void fail(const error& why);
  /// Says goodbye to the server, then ends what is left on the slot's thread and joins it.
  void close();

  asio::any_io_executor executor() { return worker_.get_executor(); }
  /// The connection. On the slot's own thread, and only while a lease is held.
  ssh::connection& live() { return *connection_; }

  const unsigned number;
  // The pool's book-keeping.
  state now = state::connecting;
  std::size_t open_limit = 0;
  std::size_t opens = 0;
  std::size_t flows = 0;
  /// What it speaks with the server, once it is ready.
  std::string protocol;
  /// When the last lease on it was given.
  std::chrono::steady_clock::time_point taken{};
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();

 private:
  void on_lost(const error& why) override;
  void on_open_settled() override;
  void on_broken(const std::exception_ptr& failure);
  void tell_connected(const result<ssh::connection_info>& outcome, std::size_t limit);
  awaitable<void> run(connector make, bool may_ask, keepalive_policy keepalives);

  asio::any_io_executor home_;
  const events& told_;
  std::shared_ptr<ssh::connection> connection_;
  std::shared_ptr<ssh::liveness> liveness_;
  asio::cancellation_signal giving_up_;
  bool abandoned_ = false;
  bool attempt_over_ = false;
  std::promise<void> attempt_end_;
  std::future<void> attempt_ended_ = attempt_end_.get_future();
  aio::worker worker_;
};

}  // namespace tunnel::pool
