#include "application.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <utility>

#include "aio/rethrow.hpp"
#include "base/log.hpp"
#include "proxy/front_end.hpp"
#include "udp_names.hpp"

namespace tunnel {

namespace {

constexpr int exit_stopped = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr int exit_no_connection = 255;

// Clients without a complete request: a browser's burst is a tenth of it, and each costs a few KiB.
constexpr std::size_t max_half_open = 1024;
// For what is neither client nor SSH connection: listeners, logs, name look-ups.
constexpr std::size_t reserved_descriptors = 32;
// One in so many descriptors may become an SSH connection, up to the pool's own limit.
constexpr std::size_t descriptors_per_connection = 32;
// For the flows that are under way when the program is asked to stop.
constexpr auto drain_time = std::chrono::seconds(2);
// For attempts to connect, and what they have started, when the program ends.
constexpr auto attempts_end_time = std::chrono::seconds(1);

// Raises the limit on open files as far as it goes, and gives it.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

// `base_connections`: as many as the user wants to have all the time.
pool::limits pool_limits(std::size_t descriptors, std::size_t base_connections) {
  pool::limits limits;
  limits.connections_in_all =
      std::clamp(descriptors / descriptors_per_connection, std::size_t{1}, limits.connections_in_all);
  limits.base_connections = std::min(base_connections, limits.connections_in_all);
  limits.connections = std::clamp(limits.connections, limits.base_connections, limits.connections_in_all);
  return limits;
}

std::size_t client_limit(std::size_t descriptors) {
  const auto kept =
      pool_limits(descriptors, 1).connections_in_all * pool::limits::descriptors_each + reserved_descriptors;
  return descriptors > 2 * kept ? descriptors - kept : descriptors / 2;
}

bool is_on_terminal() {
  const int terminal = ::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal >= 0) ::close(terminal);
  return terminal >= 0;
}

bool is_ignored(int signal) {
  struct sigaction now {};
  return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

// Of a listener's address, what a client on this machine connects to.
std::string reachable(const std::string& address) {
  static constexpr std::string_view every_ipv4 = "0.0.0.0:";
  static constexpr std::string_view every_ipv6 = "[::]:";
  if (address.starts_with(every_ipv4)) return "127.0.0.1:" + address.substr(every_ipv4.size());
  if (address.starts_with(every_ipv6)) return "[::1]:" + address.substr(every_ipv6.size());
  return address;
}

std::string_view text_of(pool::connection_status::state now) {
  using state = pool::connection_status::state;
  if (now == state::connecting) return "connecting";
  return now == state::ready ? "ready" : "ending";
}

std::string duration_text(std::chrono::steady_clock::duration lasted) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(lasted).count();
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

std::string text_of(const pool::outage& now) {
  std::string text = "no connection";
  if (!now.why.empty()) text += ": " + now.why;
  if (!now.pause) return text + "; trying to connect";
  // Rounded up: zero would be now.
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*now.pause).count();
  return text + "; next attempt in " + std::to_string(seconds) + " s";
}

}  // namespace

application::application(config::settings settings, path::plan way,
                         std::vector<config::forward_spec> listeners, std::unique_ptr<ssh::engine> engine,
                         std::unique_ptr<ssh::terminal_prompter> questions, udp_settings udp,
                         name_settings names, service_settings service, std::size_t base_connections)
    : settings_(std::move(settings)),
      specs_(std::move(listeners)),
      dns_specs_(std::move(names.listeners)),
      service_(std::move(service)),
      engine_(std::move(engine)),
      questions_(std::move(questions)),
      memory_(service_.secrets),
      host_keys_(settings_, *questions_),
      way_(path::make_way(std::move(way), *questions_)),
      descriptors_(raise_descriptor_limit()),
      waiting_(max_half_open),
      signals_(context_),
      has_terminal_(is_on_terminal()) {
  std::string destination =
      settings_.user + "@" + settings_.host_name + " port " + std::to_string(settings_.port);
  pool_ = std::make_unique<pool::pool>(
      context_.get_executor(), std::move(destination), [this](bool may_ask) { return connect(may_ask); },
      pool_limits(descriptors_, base_connections),
      pool::keepalive_policy{settings_.server_alive_interval, settings_.server_alive_count_max},
      [this](const error& why) {
        log::error("giving up: {}", why.message);
        end({exit_failed});
      });
  upstream_ = std::make_shared<dns::upstream>(context_.get_executor(), *pool_, std::move(names.servers),
                                              dns::random_ids());
  dns_listener_ = std::make_shared<dns::listener>(upstream_);
  auto rules = [by = upstream_] { return by->search_rules(); };
  auto resolver = std::make_shared<dns::resolver>(upstream_, std::move(rules));
  name_servers_ = std::make_shared<dns::server_directory>(context_.get_executor(), *pool_, dns::random_ids());
  udp.ways.ask_dns = dns_for_datagrams(name_servers_);
  udp.ways.look_up = names_for_datagrams(resolver);
  datagrams_.emplace(std::move(udp.ways), udp.rules);
  services_.emplace(*pool_, proxy::bind_settings{.server_name = settings_.host_name}, &*datagrams_,
                    std::move(resolver), names.resolves);
}

application::~application() {
  // The pool outlives the context, but what it has on the context must not. Nor must look-ups.
  upstream_->close();
  name_servers_->close();
  pool_->close();
  services_.reset();
  datagrams_.reset();
}

ending application::run() {
  std::signal(SIGPIPE, SIG_IGN);
  const proxy::admission rules{.limit = client_limit(descriptors_)};
  listener_.emplace(context_.get_executor(), rules, waiting_, [this](proxy::client accepted) {
    asio::co_spawn(context_, proxy::serve_client(std::move(accepted), waiting_, *services_), aio::rethrow);
  });
  if (const auto bound = bind(); !bound) {
    log::error("{}", bound.error().message);
    return {exit_usage};
  }
  // Rather than after the user has logged in.
  if (const auto free = check_control_socket(); !free) {
    log::error("{}", free.error().message);
    return {exit_usage};
  }
  for (const int each : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) {
    if (!is_ignored(each)) signals_.add(each);
  }
  wait_for_signal();
  asio::co_spawn(context_, start(), aio::rethrow);
  context_.run();
  questions_->cancel();
  if (control_) control_->close();
  // A name look-up that hangs cannot be ended, and nothing is left that would be lost.
  if (!pool_->end_attempts(attempts_end_time)) end_process(ending_);
  return ending_;
}

// As ssh: a listener that cannot be had is passed over, unless ExitOnForwardFailure says otherwise; but one
// must be left, and what the user may not have without -g is a mistake.
result<void> application::bind() {
  std::vector<error> passed_over;
  for (const auto& spec : specs_) {
    const proxy::listen_spec wanted{spec.bind_address, spec.port};
    const auto bound = listener_->bind(wanted, settings_.gateway_ports);
    if (bound) continue;
    const bool by_system = bound.error().code.category() == boost::system::system_category();
    if (settings_.exit_on_forward_failure || !by_system) return bound;
    passed_over.push_back(bound.error());
  }
  if (!specs_.empty() && passed_over.size() == specs_.size()) return passed_over.front();
  for (const auto& each : passed_over) log::warn("{}; going on without it", each.message);
  for (const auto& spec : dns_specs_) {
    if (auto bound = dns_listener_->bind(spec.bind_address, spec.port, settings_.gateway_ports); !bound)
      return bound;
  }
  return boost::system::in_place_value;
}

awaitable<void> application::start() {
  const auto connected = co_await pool_->connect();
  if (stopping_) co_return;
  if (!connected) {
    log::error("{}", connected.error().message);
    end({exit_no_connection});
    co_return;
  }
  if (const auto listening = listener_->listen(); !listening) {
    log::error("{}", listening.error().message);
    end({exit_usage});
    co_return;
  }
  if (const auto controlled = open_control_socket(); !controlled) {
    log::error("{}", controlled.error().message);
    end({exit_usage});
    co_return;
  }
  dns_listener_->start();
  running_ = true;
  questions_->keep_going();
  announce();
  if (service_.ready) {
    service_.ready();
    has_terminal_ = is_on_terminal();
  }
  monitor_.emplace(context_.get_executor(), [this](const char* what) {
    log::debug("{}: checking the connection", what);
    pool_->check_now();
    restart_attempts();
  });
}

void application::announce() {
  for (const auto& address : listener_->addresses()) {
    log::info("listening on {} (SOCKS4, SOCKS4a, SOCKS5)", address);
  }
  if (const auto all = listener_->addresses(); !all.empty()) {
    log::info("for example: curl --proxy socks5h://{0} URL, or ALL_PROXY=socks5h://{0} for what heeds that",
              reachable(all.front()));
  }
  for (const auto& address : dns_listener_->addresses()) {
    log::info("answering DNS on {} (UDP and TCP)", address);
  }
  if (!service_.prints_addresses) return;
  for (const auto& address : listener_->addresses()) std::printf("%s\n", address.c_str());
  std::fflush(stdout);
}

awaitable<result<std::shared_ptr<ssh::connection>>> application::connect(bool may_ask) {
  const std::chrono::steady_clock::duration timeout =
      settings_.connect_timeout.value_or(path::default_timeout);
  ssh::endpoint server{settings_.host_name, settings_.port};
  auto reaching = way_->dial(std::move(server), may_ask);
  auto stream = co_await std::move(reaching);
  if (!stream) co_return stream.error();
  ssh::user_authenticator authentication(settings_, *questions_, memory_, may_ask);
  co_return co_await engine_->connect(std::move(*stream), settings_.user, timeout, host_keys_,
                                      authentication);
}

// --- from outside ------------------------------------------------------------------------------------------

result<void> application::check_control_socket() {
  if (!service_.control_path) return boost::system::in_place_value;
  return control::server::check(context_.get_executor(), *service_.control_path);
}

result<void> application::open_control_socket() {
  if (!service_.control_path) return boost::system::in_place_value;
  control_.emplace(context_.get_executor(), [this](control::request what) { return answer(what); });
  return control_->listen(*service_.control_path);
}

control::server::answer application::answer(control::request what) {
  switch (what) {
    case control::request::check:
      return {{true, "running, process " + std::to_string(::getpid()) + "\n"}, {}};
    case control::request::status: {
      std::string text;
      for (const auto& line : state()) text += line + "\n";
      return {{true, std::move(text)}, {}};
    }
    case control::request::stop:
      return {{true, "no new clients; it ends with the last flow\n"}, [this] { stop(); }};
    case control::request::exit:
      return {{true, "ending\n"}, [this] { wind_down(); }};
    case control::request::reconnect:
      return {{true, "making new connections\n"}, [this] { reconnect(); }};
  }
  return {{false, "that is not known here\n"}, {}};
}

std::vector<std::string> application::state() const {
  std::vector<std::string> lines;
  const auto lasted = duration_text(std::chrono::steady_clock::now() - started_);
  lines.push_back("for " + lasted + " to " + settings_.user + "@" + settings_.host_name + " port " +
                  std::to_string(settings_.port) + ", " + std::to_string(pool_->flows()) + " flows");
  for (const auto& each : listener_->addresses()) {
    lines.push_back((listening_ ? "listening on " : "no longer listening on ") + each);
  }
  for (const auto& each : pool_->connections()) {
    lines.push_back("connection " + std::to_string(each.number) + ": " + std::string(text_of(each.now)) +
                    ", " + std::to_string(each.flows) + " flows" +
                    (each.protocol.empty() ? "" : "; " + each.protocol));
  }
  if (const auto now = pool_->current_outage()) lines.push_back(text_of(*now));
  return lines;
}

void application::wait_for_signal() {
  signals_.async_wait([this](boost::system::error_code failure, int number) {
    if (failure) return;
    if (number != SIGHUP && number != SIGUSR1) return on_signal(number);
    wait_for_signal();
    if (number == SIGHUP) return on_hangup();
    for (const auto& line : state()) log::info("{}", line);
  });
}

// A terminal that goes takes with it what runs on it, as it always has.
void application::on_hangup() {
  if (has_terminal_ && !is_on_terminal()) return on_signal(SIGHUP);
  if (const auto open = service_.reopen_log(); !open)
    log::error("{}; going on with the old one", open.error().message);
  log::info("hangup: making new connections");
  reconnect();
}

void application::reconnect() {
  pool_->renew();
  restart_attempts();
}

void application::restart_attempts() {
  if (!questions_->asking()) pool_->restart_attempts();
}

// --- the end -----------------------------------------------------------------------------------------------

void application::close_listeners() {
  if (!std::exchange(listening_, false)) return;
  listener_->close();
  dns_listener_->close();
  waiting_.evict_oldest(waiting_.size());
}

void application::stop() {
  if (stopping_ || !listening_) return;
  close_listeners();
  log::info("no new clients: ending with the last of {} flows", pool_->flows());
  asio::co_spawn(context_, drain(std::nullopt), aio::rethrow);
}

void application::on_signal(int number) {
  if (running_) return wind_down();
  stopping_ = true;
  end({.by_signal = number});
}

void application::wind_down() {
  if (std::exchange(stopping_, true)) return end({exit_stopped});
  questions_->cancel();
  close_listeners();
  log::info("stopping: {} flows have {} s to end", pool_->flows(), drain_time.count());
  wait_for_signal();
  asio::co_spawn(context_, drain(drain_time), aio::rethrow);
}

awaitable<void> application::drain(std::optional<std::chrono::steady_clock::duration> limit) {
  // Its channels are no flows, and would keep their connections.
  upstream_->close();
  name_servers_->close();
  using clock = std::chrono::steady_clock;
  const auto deadline = limit ? clock::now() + *limit : clock::time_point::max();
  asio::steady_timer pause(context_);
  while (pool_->flows() != 0 && clock::now() < deadline) {
    pause.expires_after(std::chrono::milliseconds(20));
    co_await pause.async_wait(as_tuple);
  }
  end({exit_stopped});
}

void application::end(ending how) {
  ending_ = how;
  context_.stop();
}

}  // namespace tunnel
