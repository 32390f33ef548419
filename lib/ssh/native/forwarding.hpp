#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "ssh/channel.hpp"
#include "ssh/native/core/connection_protocol.hpp"
#include "ssh/native/forward_listener.hpp"
#include "ssh/pending_answer.hpp"

namespace tunnel::ssh::native {

/// The remote listeners of one connection (RFC 4254 section 7): asks for them, hands out what comes to them.
class forwarding {
 public:
  /// Makes the channel of a number that was accepted.
  using channel_maker = std::function<std::unique_ptr<ssh::channel>(channel_id)>;
  /// Runs a step, and sees to it that what the protocol then has to send is sent. A step that throws ends the
  /// connection, later.
  using step_runner = std::function<void(const std::function<void()>& step)>;

  /// `protocol` must outlive it.
  forwarding(connection_protocol& protocol, asio::any_io_executor executor, channel_maker make,
             step_runner run);
  ~forwarding();
  forwarding(const forwarding&) = delete;
  forwarding& operator=(const forwarding&) = delete;

  /// Asks the server to listen. If nobody waits for the answer any more when it comes, it is undone.
  using outcome = result<std::unique_ptr<ssh::remote_listener>>;
  using answer = pending_answer<outcome>;
  std::shared_ptr<answer> ask(const endpoint& at, std::chrono::steady_clock::duration limit);

  // The protocol's events.
  void on_listening(const connection_protocol::listening& told);
  void on_forwarded(const connection_protocol::forwarded& told);

  /// The connection is over.
  void end(const error& why);

  // For the listeners.
  void admit(forward_listener& which);
  void let_go(forward_listener& which);

 private:
  struct question {
    endpoint at;
    std::shared_ptr<answer> waiting;
  };

  /// Needs no memory of its own: a listener's destructor comes here too.
  template <class Step>
  void run(Step step) {
    run_(std::ref(step));
  }
  outcome answer_to(endpoint at, const connection_protocol::listening& told);
  forward_listener* find(const host_and_port& at);

  connection_protocol& protocol_;
  asio::any_io_executor executor_;
  channel_maker make_;
  step_runner run_;
  std::deque<question> questions_;
  std::vector<forward_listener*> listeners_;
};

}  // namespace tunnel::ssh::native
