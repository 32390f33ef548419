#pragma once

#include <libssh2.h>

#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "ssh/channel.hpp"
#include "ssh/pending_answer.hpp"
#include "ssh/remote_listener.hpp"

namespace tunnel::ssh::libssh2 {

class listeners;

/// What a connection knows of one remote listener. Shared with its owner, who may keep it beyond the
/// connection; `owner` is null from then on.
struct listener_state {
  listeners* owner = nullptr;
  LIBSSH2_LISTENER* raw = nullptr;
  endpoint at;
  remote_listener_handler* handler = nullptr;
  /// The owner has let go: cancel and forget.
  bool closing = false;
  /// Why it ended with its connection, for a handler that comes later than that.
  std::optional<error> lost;
  asio::any_io_executor executor;
};

/// The remote listeners of one session (RFC 4254 section 7).
///
/// libssh2 asks for one at a time, accepts whoever connects by itself, up to a number, and does not say who
/// it was.
class listeners {
 public:
  using answer = pending_answer<result<std::unique_ptr<remote_listener>>>;
  /// Makes a channel of one that libssh2 has accepted.
  using channel_maker = std::function<std::unique_ptr<ssh::channel>(LIBSSH2_CHANNEL*)>;

  listeners(LIBSSH2_SESSION* session, asio::any_io_executor executor, channel_maker make,
            std::function<void()> schedule_pump);
  ~listeners();
  listeners(const listeners&) = delete;
  listeners& operator=(const listeners&) = delete;

  /// Asks the server to listen. If nobody waits for the answer any more when it comes, it is undone.
  std::shared_ptr<answer> ask(endpoint at, std::chrono::steady_clock::duration limit);

  /// Whether there is one, or is to be one.
  [[nodiscard]] bool in_use() const { return !questions_.empty() || !all_.empty(); }
  /// From here on an answer may be another request's: no more are asked for.
  void distrust() { trusted_ = false; }

  // Steps of a pump. Each returns the libssh2 status of a connection that cannot go on, or 0.

  /// Moves the request in flight on. Reads.
  int advance();
  /// Hands out those who have connected, and ends listeners that were let go. Does not read.
  int serve();

  /// The connection is over.
  void end(const error& why);

  // For the owner's ends.
  void schedule_pump() { schedule_pump_(); }

 private:
  struct question {
    endpoint at;
    std::shared_ptr<answer> waiting;
  };
  using state_ptr = std::shared_ptr<listener_state>;

  void settle(LIBSSH2_LISTENER* raw, int port);
  void admit(const state_ptr& state);

  LIBSSH2_SESSION* session_;
  asio::any_io_executor executor_;
  channel_maker make_;
  std::function<void()> schedule_pump_;
  std::deque<question> questions_;
  std::list<state_ptr> all_;
  // The first question is in libssh2's hands.
  bool asking_ = false;
  bool trusted_ = true;
};

}  // namespace tunnel::ssh::libssh2
