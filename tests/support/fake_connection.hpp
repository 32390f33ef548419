#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "ssh/connection.hpp"

namespace tunnel::support {

/// What the connections of one test did, readable from every thread.
struct connection_tally {
  std::atomic<unsigned> alive = 0;
  std::atomic<unsigned> closed = 0;
  std::atomic<unsigned> probes = 0;
  std::atomic<unsigned> opens = 0;
  std::atomic<unsigned> listens = 0;
};

/// A connection to nowhere: the test says how its opens end, and when it is lost.
///
/// Thread: that of the executor, but for the tally.
class fake_connection final : public ssh::connection, public std::enable_shared_from_this<fake_connection> {
 public:
  using open_outcome = result<std::unique_ptr<ssh::channel>>;
  /// Answers an open at once, or leaves it pending with nothing.
  using server = std::function<std::optional<open_outcome>(fake_connection& on, const ssh::endpoint& target)>;

  using listen_outcome = result<std::unique_ptr<ssh::remote_listener>>;
  /// The same for a request to listen.
  using listen_server =
      std::function<std::optional<listen_outcome>(fake_connection& on, const ssh::endpoint& at)>;

  explicit fake_connection(asio::any_io_executor executor, std::size_t open_limit = 1,
                           std::shared_ptr<connection_tally> tally = std::make_shared<connection_tally>());
  ~fake_connection() override;

  void serve_with(server answers) { server_ = std::move(answers); }
  void listen_with(listen_server answers) { listen_server_ = std::move(answers); }
  /// What info() says from now on.
  void say_address(std::optional<asio::ip::address> address) { info_.address = std::move(address); }
  /// What look_at_local_end() gives from now on.
  void say_local_end(aio::local_end now) { local_end_ = now; }
  void answer_probes(bool answered) { answers_probes_ = answered; }
  /// Answers the oldest pending open. One that was given up is settled without anybody's being told.
  void settle_oldest(open_outcome outcome);
  [[nodiscard]] std::size_t pending() const { return pending_.size(); }
  /// The server was heard of just now.
  void hear() { last_heard_ = std::chrono::steady_clock::now(); }
  [[nodiscard]] const std::optional<error>& ended() const { return ended_; }

  asio::any_io_executor get_executor() override { return executor_; }
  [[nodiscard]] const ssh::connection_info& info() const override { return info_; }
  void observe(ssh::connection_observer* observer) override { observer_ = observer; }
  awaitable<open_outcome> open_direct_tcpip(ssh::endpoint target, ssh::endpoint originator,
                                            std::chrono::steady_clock::duration limit) override;
  /// What no test has needed yet: errc::unsupported_by_engine.
  awaitable<open_outcome> open_direct_streamlocal(std::string path,
                                                  std::chrono::steady_clock::duration limit) override;
  awaitable<open_outcome> run(std::string command, ssh::command_observer& told,
                              std::chrono::steady_clock::duration limit) override;
  /// An outcome is there at once; without one it ends with `limit`, cancelling or the connection.
  awaitable<listen_outcome> listen(ssh::endpoint at, std::chrono::steady_clock::duration limit) override;
  [[nodiscard]] std::size_t open_limit() const override { return open_limit_; }
  [[nodiscard]] std::chrono::steady_clock::time_point last_heard() const override { return last_heard_; }
  [[nodiscard]] aio::local_end look_at_local_end() const override { return local_end_; }
  void probe() override;
  void fail(error why) override;
  void close() override;

 private:
  struct open {
    // The coroutine's; gone once the open was given up.
    std::weak_ptr<asio::steady_timer> waits;
    std::optional<open_outcome> outcome;
  };

  asio::any_io_executor executor_;
  std::size_t open_limit_;
  std::shared_ptr<connection_tally> tally_;
  ssh::connection_info info_{"SSH-2.0-fake", "kex", "host-key", "cipher", ""};
  ssh::connection_observer* observer_ = nullptr;
  server server_;
  listen_server listen_server_;
  std::vector<std::weak_ptr<asio::steady_timer>> listening_;
  std::vector<std::shared_ptr<open>> pending_;
  std::chrono::steady_clock::time_point last_heard_ = std::chrono::steady_clock::now();
  aio::local_end local_end_ = aio::local_end::in_place;
  std::optional<error> ended_;
  bool answers_probes_ = true;
};

}  // namespace tunnel::support
