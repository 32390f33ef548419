#include "application.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "aio/dial.hpp"
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
// When ConnectTimeout does not say: for the TCP connection and again for the SSH handshake.
constexpr auto default_connect_timeout = std::chrono::seconds(30);
// For the flows that are under way when the program is asked to stop.
constexpr auto drain_time = std::chrono::seconds(2);

void rethrow(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

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

aio::address_family family_of(config::address_family family) {
  switch (family) {
    case config::address_family::inet:
      return aio::address_family::inet;
    case config::address_family::inet6:
      return aio::address_family::inet6;
    case config::address_family::any:
      break;
  }
  return aio::address_family::any;
}

// IPQoS's second value: a tunnel is no session with a terminal.
aio::socket_choices socket_for(const config::settings& settings) {
  aio::socket_choices choices{.bind_address = settings.bind_address,
                              .bind_interface = settings.bind_interface,
                              .keep_alive = settings.tcp_keep_alive};
  const auto service = settings.ip_qos.other;
  if (service != config::system_service) choices.type_of_service = static_cast<std::uint8_t>(service);
  return choices;
}

}  // namespace

application::application(config::settings settings, std::vector<config::forward_spec> listeners,
                         std::unique_ptr<ssh::engine> engine, std::unique_ptr<ssh::prompter> questions,
                         udp_settings udp, name_settings names, std::size_t base_connections)
    : settings_(std::move(settings)),
      specs_(std::move(listeners)),
      dns_specs_(std::move(names.listeners)),
      engine_(std::move(engine)),
      questions_(std::move(questions)),
      host_keys_(settings_, *questions_),
      descriptors_(raise_descriptor_limit()),
      waiting_(max_half_open),
      signals_(context_) {
  std::string destination =
      settings_.user + "@" + settings_.host_name + " port " + std::to_string(settings_.port);
  pool_ = std::make_unique<pool::pool>(
      context_.get_executor(), std::move(destination), [this](bool may_ask) { return connect(may_ask); },
      pool_limits(descriptors_, base_connections),
      pool::keepalive_policy{settings_.server_alive_interval, settings_.server_alive_count_max},
      [this](const error& why) {
        log::error("giving up: {}", why.message);
        end(exit_failed);
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

int application::run() {
  std::signal(SIGPIPE, SIG_IGN);
  const proxy::admission rules{.limit = client_limit(descriptors_)};
  listener_.emplace(context_.get_executor(), rules, waiting_, [this](proxy::client accepted) {
    asio::co_spawn(context_, proxy::serve_client(std::move(accepted), waiting_, *services_), rethrow);
  });
  if (const auto bound = bind(); !bound) {
    log::error("{}", bound.error().message);
    return exit_usage;
  }
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  wait_for_signal();
  asio::co_spawn(context_, start(), rethrow);
  context_.run();
  questions_->cancel();
  // A name look-up that hangs cannot be ended, and nothing is left that would be lost.
  if (pool_->connecting()) std::_Exit(status_);
  return status_;
}

result<void> application::bind() {
  for (const auto& spec : specs_) {
    const proxy::listen_spec wanted{spec.bind_address, spec.port};
    if (auto bound = listener_->bind(wanted, settings_.gateway_ports); !bound) return bound;
  }
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
    end(exit_no_connection);
    co_return;
  }
  if (const auto listening = listener_->listen(); !listening) {
    log::error("{}", listening.error().message);
    end(exit_usage);
    co_return;
  }
  dns_listener_->start();
  running_ = true;
  announce();
  monitor_.emplace(context_.get_executor(), [this](const char* what) {
    log::debug("{}: checking the connection", what);
    pool_->check_now();
  });
}

void application::announce() {
  for (const auto& address : listener_->addresses()) {
    log::info("listening on {} (SOCKS4, SOCKS4a, SOCKS5)", address);
  }
  for (const auto& address : dns_listener_->addresses()) {
    log::info("answering DNS on {} (UDP and TCP)", address);
  }
}

awaitable<result<std::shared_ptr<ssh::connection>>> application::connect(bool may_ask) {
  const std::chrono::steady_clock::duration timeout =
      settings_.connect_timeout.value_or(default_connect_timeout);
  const auto patience = settings_.server_alive_interval * (settings_.server_alive_count_max + 1);
  const aio::dial_target target{.host = settings_.host_name,
                                .port = settings_.port,
                                .family = family_of(settings_.address_family),
                                .timeout = timeout,
                                .unacknowledged_limit = patience,
                                .socket = socket_for(settings_)};
  result<std::unique_ptr<aio::byte_stream>> stream = error{};
  for (unsigned attempt = 0; attempt < std::max(settings_.connection_attempts, 1U) && !stream; ++attempt) {
    stream = co_await aio::dial(target);
  }
  if (!stream) co_return stream.error();
  ssh::user_authenticator authentication(settings_, *questions_, memory_, may_ask);
  co_return co_await engine_->connect(std::move(*stream), settings_.user, timeout, host_keys_,
                                      authentication);
}

// --- the end -----------------------------------------------------------------------------------------------

void application::wait_for_signal() {
  signals_.async_wait([this](boost::system::error_code failure, int) {
    if (!failure) on_signal();
  });
}

void application::on_signal() {
  if (std::exchange(stopping_, true)) std::_Exit(exit_stopped);
  questions_->cancel();
  listener_->close();
  dns_listener_->close();
  waiting_.evict_oldest(waiting_.size());
  if (!running_) return end(exit_stopped);
  log::info("stopping: {} flows have {} s to end", pool_->flows(), drain_time.count());
  wait_for_signal();
  asio::co_spawn(context_, drain(), rethrow);
}

awaitable<void> application::drain() {
  // Its channels are no flows, and would keep their connections.
  upstream_->close();
  const auto deadline = std::chrono::steady_clock::now() + drain_time;
  asio::steady_timer pause(context_);
  while (pool_->flows() != 0 && std::chrono::steady_clock::now() < deadline) {
    pause.expires_after(std::chrono::milliseconds(20));
    co_await pause.async_wait(as_tuple);
  }
  end(exit_stopped);
}

void application::end(int status) {
  status_ = status;
  context_.stop();
}

}  // namespace tunnel
