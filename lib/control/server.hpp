#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "control/request.hpp"

namespace tunnel::control {

/// A control socket: a Unix socket that only its owner can open (mode 0600), and where the kernel says who
/// asks (SO_PEERCRED): this process's user or root, nobody else, whatever the path's permissions became.
///
/// Each request has `request_limit`, and max_clients are heard at once; others wait. The socket's file goes
/// with this object, unless another's has taken its place.
/// Thread: the executor's.
class server {
 public:
  struct answer {
    reply said;
    /// What is done once the client has the reply; may be empty. It may destroy the server.
    std::function<void()> then;
  };

  /// Answers a request, at once.
  using handler = std::function<answer(request what)>;

  /// For a client to say what it wants, and to take the answer.
  static constexpr auto request_limit = std::chrono::seconds(5);
  static constexpr std::size_t max_clients = 16;

  server(asio::any_io_executor executor, handler answers);
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  /// Whether listen() could have that place, as far as can be seen without taking it. Errors: as listen()'s
  /// for a place that another tunnel, or another file, has.
  static result<void> check(const asio::any_io_executor& executor, const std::string& path);

  /// Listens there. A socket that a tunnel left behind is replaced.
  /// Errors: when another tunnel answers there; the system's. With the path in the sentence.
  result<void> listen(const std::string& path);

  /// Removes the file and answers no more. Idempotent.
  void close();

 private:
  struct state;
  static awaitable<void> serve(std::shared_ptr<state> self);
  static awaitable<void> answer_one(std::shared_ptr<state> self, asio::local::stream_protocol::socket from);

  std::shared_ptr<state> state_;
};

}  // namespace tunnel::control
