#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aio/asio.hpp"
#include "aio/network_monitor.hpp"
#include "config/settings.hpp"
#include "control/server.hpp"
#include "dns/listener.hpp"
#include "dns/server_directory.hpp"
#include "dns/upstream.hpp"
#include "ending.hpp"
#include "path/way.hpp"
#include "pool/pool.hpp"
#include "proxy/half_open.hpp"
#include "proxy/listener.hpp"
#include "proxy/services.hpp"
#include "proxy/udp_service.hpp"
#include "ssh/authentication.hpp"
#include "ssh/engine.hpp"
#include "ssh/host_key_policy.hpp"
#include "ssh/terminal_prompter.hpp"
#include "udp/client/ways.hpp"

namespace tunnel {

/// How UDP ASSOCIATE is served: by which ways, and by which rules.
struct udp_settings {
  udp::settings ways;
  proxy::association_rules rules;
};

/// How names are looked up through the tunnel.
struct name_settings {
  /// Names in CONNECT requests are looked up here, not by the SSH server.
  bool resolves = false;
  /// Where. None: where the SSH server itself looks.
  std::vector<ssh::endpoint> servers;
  /// Where programs of this machine may ask (--dns-listen).
  std::vector<config::forward_spec> listeners;
};

/// How the program is dealt with from outside.
struct service_settings {
  /// Where the control socket is to be; nothing: none.
  std::optional<std::string> control_path;
  /// Whether passwords that worked are kept for reconnecting.
  ssh::secret_keeping secrets = ssh::secret_keeping::kept;
  /// Standard output says where it listens, one address a line.
  bool prints_addresses = false;
  /// Called once it is connected and listens; it may take the process off its terminal.
  std::function<void()> ready;
  /// For SIGHUP: what rotates logs has moved the file away.
  std::function<result<void>()> reopen_log;
};

/// Where everything is put together: one server, its connections, the listeners in front of them.
///
/// The calling thread becomes the accepting one. SIGINT and SIGTERM: listeners close at once, flows have two
/// seconds, a second signal ends them; while it has never listened, the signal is what
/// it ends by. SIGHUP reopens the log and makes new SSH connections, unless it says that the terminal is
/// gone: then it is as SIGTERM. SIGUSR1 has the log say what there is. What was ignored when the program
/// began, as under nohup, stays ignored.
class application {
 public:
  /// `settings` is what options and files came to; `way` leads to the server; `listeners` what -D asked for;
  /// `base_connections` how many SSH connections to keep up.
  application(config::settings settings, path::plan way, std::vector<config::forward_spec> listeners,
              std::unique_ptr<ssh::engine> engine, std::unique_ptr<ssh::terminal_prompter> questions,
              udp_settings udp, name_settings names, service_settings service,
              std::size_t base_connections = 1);

  application(const application&) = delete;
  application& operator=(const application&) = delete;
  ~application();

  /// Runs to the end, and tells how the process is to end once this object is gone: with 0 asked to stop, 1
  /// failed for good while running, 2 an address that cannot be listened on, 255 no connection to begin with;
  /// by a signal that stopped it before it was of use. When what there is cannot be undone in a moment, the
  /// process ends so by itself.
  ending run();

 private:
  result<void> bind();
  awaitable<void> start();
  awaitable<result<std::shared_ptr<ssh::connection>>> connect(bool may_ask);
  void announce();
  result<void> check_control_socket();
  result<void> open_control_socket();
  control::server::answer answer(control::request what);
  [[nodiscard]] std::vector<std::string> state() const;
  void wait_for_signal();
  void on_signal(int number);
  void on_hangup();
  void wind_down();
  void reconnect();
  void restart_attempts();
  void close_listeners();
  void stop();
  awaitable<void> drain(std::optional<std::chrono::steady_clock::duration> limit);
  void end(ending how);

  config::settings settings_;
  std::vector<config::forward_spec> specs_;
  std::vector<config::forward_spec> dns_specs_;
  service_settings service_;
  std::unique_ptr<ssh::engine> engine_;
  std::unique_ptr<ssh::terminal_prompter> questions_;
  ssh::remembered_secrets memory_;
  ssh::host_key_policy host_keys_;
  std::unique_ptr<path::dialler> way_;
  std::size_t descriptors_;
  proxy::half_open waiting_;
  std::optional<proxy::udp_service> datagrams_;
  std::unique_ptr<pool::pool> pool_;
  std::optional<proxy::services> services_;
  // What lives on the context stands below it and goes before it. Its coroutines use what stands above.
  asio::io_context context_{1};
  std::optional<proxy::listener> listener_;
  std::shared_ptr<dns::upstream> upstream_;
  std::shared_ptr<dns::server_directory> name_servers_;
  std::shared_ptr<dns::listener> dns_listener_;
  std::optional<aio::network_monitor> monitor_;
  std::optional<control::server> control_;
  asio::signal_set signals_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  bool has_terminal_;
  bool running_ = false;
  bool listening_ = true;
  bool stopping_ = false;
  ending ending_;
};

}  // namespace tunnel
