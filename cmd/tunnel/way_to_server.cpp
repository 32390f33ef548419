#include "way_to_server.hpp"

#include <utility>

#include "base/log.hpp"
#include "config/environment.hpp"
#include "config/ssh_config.hpp"
#include "engine_choice.hpp"
#include "path/errors.hpp"
#include "path/proxy_url.hpp"
#include "path/route.hpp"
#include "path/tls_context.hpp"

namespace tunnel {

namespace {

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

// As ssh: of the command line only -F is for jump hosts too.
result<path::route> route_for(const options& given, const config::settings& server) {
  const auto named = config::parse_destination(given.destination);
  if (!named) return named.error();
  const auto environment = config::system_environment();
  if (!environment) return environment.error();
  const path::settings_reader read = [&](const config::destination& host) {
    config::command_line line;
    line.target = host;
    line.file = given.config_file;
    return config::load_settings(line, *environment);
  };
  return path::plan_route(server, named->host, read);
}

result<path::hop> hop_for(const options& given, path::planned_hop planned) {
  auto engine = make_engine(given.engine, planned.settings);
  const std::string about = "jump host " + planned.name + ": ";
  if (!engine) return error{engine.error().code, about + engine.error().message};
  for (const auto& warning : planned.settings.warnings) log::warn("{}{}", about, warning);
  return path::hop{std::move(planned.name), std::move(planned.settings), std::move(*engine)};
}

// TCP to what comes first. Its peer may be as long without a sign of life as the server.
path::direct_settings first_step(const config::settings& first, const config::settings& server) {
  return {.family = family_of(first.address_family),
          .timeout = first.connect_timeout.value_or(path::default_timeout),
          .attempts = first.connection_attempts,
          .unacknowledged_limit = server.server_alive_interval * (server.server_alive_count_max + 1),
          .socket = socket_for(first)};
}

result<void> add_proxies(const way_options& given, path::plan& plan, ssh::prompter& questions) {
  if (given.proxies.empty()) return boost::system::in_place_value;
  if (!plan.command.empty())
    return error{make_error_code(path::errc::malformed),
                 "--proxy and ProxyCommand cannot both be used; -o ProxyCommand=none leaves the latter out"};
  std::optional<socks::credentials> known;
  if (given.proxy_credentials) {
    auto read = path::read_credentials(*given.proxy_credentials);
    if (!read) return read.error();
    known = std::move(*read);
  }
  for (const auto& url : given.proxies) {
    auto parsed = path::parse_proxy(url);
    if (!parsed) return parsed.error();
    // They are for every proxy that is not given another user.
    if (known && parsed->user.value_or(known->user) == known->user) {
      parsed->user = known->user;
      parsed->password.emplace(known->password);
    }
    plan.proxies.push_back(std::move(*parsed));
  }
  path::tls_settings believed;
  believed.ca_file = given.tls_ca;
  auto trust = path::tls_context::make(std::move(believed), questions);
  if (!trust) return trust.error();
  plan.proxy_tls = std::move(*trust);
  return boost::system::in_place_value;
}

result<void> add_tls(const way_options& given, path::plan& plan, ssh::prompter& questions) {
  if (!given.tls) return boost::system::in_place_value;
  auto made = path::tls_context::make({.server_name = given.tls_server_name,
                                       .ca_file = given.tls_ca,
                                       .certificate_file = given.tls_certificate,
                                       .key_file = given.tls_key,
                                       .protocols = given.tls_protocols},
                                      questions);
  if (!made) return made.error();
  plan.tls = std::move(*made);
  return boost::system::in_place_value;
}

}  // namespace

result<path::plan> way_to_server(const options& given, const config::settings& server,
                                 ssh::prompter& questions) {
  auto route = route_for(given, server);
  if (!route) return route.error();
  path::plan plan;
  plan.first = first_step(route->hops.empty() ? server : route->hops.front().settings, server);
  plan.command = std::move(route->command);
  if (const auto fine = add_proxies(given.way, plan, questions); !fine) return fine.error();
  if (const auto fine = add_tls(given.way, plan, questions); !fine) return fine.error();
  for (auto& planned : route->hops) {
    auto hop = hop_for(given, std::move(planned));
    if (!hop) return hop.error();
    plan.hops.push_back(std::move(*hop));
  }
  return plan;
}

}  // namespace tunnel
