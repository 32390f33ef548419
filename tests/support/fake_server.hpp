#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "pool/pool.hpp"
#include "support/fake_connection.hpp"

namespace tunnel::support {

/// What a pool under test connects to. Attempts succeed unless the test says otherwise. Safe to use from
/// several threads; it must outlive the pool.
class fake_server {
 public:
  explicit fake_server(std::size_t open_limit = 1) : open_limit_(open_limit) {}

  pool::connector connector();

  /// How opens on connections that are made from now on end; without it they stay pending.
  void serve_with(fake_connection::server answers);
  /// The same for requests to listen.
  void listen_with(fake_connection::listen_server answers);
  /// Attempts fail from now on, or succeed again.
  void refuse(std::optional<error> why);
  /// Attempts wait from now on until release().
  void hold();
  void release();

  [[nodiscard]] std::size_t attempts() const;
  /// Whether the attempt might ask the user.
  [[nodiscard]] bool might_ask(std::size_t attempt) const;
  [[nodiscard]] const connection_tally& tally() const { return *tally_; }

  /// Calls `action` with the connection of that number, on its thread.
  void with(std::size_t number, const std::function<void(fake_connection&)>& action);
  void lose(std::size_t number);
  /// Answers the oldest pending open on that connection.
  void settle(std::size_t number, const error& refusal);

 private:
  awaitable<result<std::shared_ptr<ssh::connection>>> attempt(bool may_ask);

  std::size_t open_limit_;
  std::shared_ptr<connection_tally> tally_ = std::make_shared<connection_tally>();
  mutable std::mutex mutex_;
  fake_connection::server answers_;
  fake_connection::listen_server listen_answers_;
  std::optional<error> refusal_;
  bool held_ = false;
  std::vector<std::weak_ptr<asio::steady_timer>> waiting_;
  std::vector<bool> attempts_;
  std::vector<std::weak_ptr<fake_connection>> connections_;
};

}  // namespace tunnel::support
