#include <openssl/crypto.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "application.hpp"
#include "background.hpp"
#include "base/log.hpp"
#include "config/environment.hpp"
#include "config/listing.hpp"
#include "config/ssh_config.hpp"
#include "config/tokens.hpp"
#include "control/client.hpp"
#include "dns/server_spec.hpp"
#include "ending.hpp"
#include "engine_choice.hpp"
#include "logging.hpp"
#include "options.hpp"
#include "ssh/libssh2/engine.hpp"
#include "ssh/terminal_prompter.hpp"
#include "way_to_server.hpp"

namespace {

using namespace tunnel;

constexpr int usage_status = 2;
constexpr int unanswered_status = 255;
constexpr std::uint16_t default_port = 1080;

std::string version_text() {
  return std::string("tunnel " TUNNEL_VERSION ", libssh2 ") + ssh::libssh2::library_version() + ", " +
         OpenSSL_version(OPENSSL_VERSION);
}

int complain(const std::string& sentence) {
  log::error("{}", sentence);
  return usage_status;
}

// -q and -v win over LogLevel.
log::level::level_enum level_for(const options& given, const config::settings& settings) {
  if (given.quiet) return log::level::err;
  if (given.verbosity > 1) return log::level::trace;
  if (given.verbosity == 1) return log::level::debug;
  switch (settings.log_level.value_or(config::log_level::info)) {
    case config::log_level::quiet:
      return log::level::off;
    case config::log_level::fatal:
    case config::log_level::error:
      return log::level::err;
    case config::log_level::info:
      return log::level::info;
    case config::log_level::verbose:
    case config::log_level::debug1:
      return log::level::debug;
    case config::log_level::debug2:
    case config::log_level::debug3:
      return log::level::trace;
  }
  return log::level::info;
}

result<config::configuration> configuration_for(const options& given) {
  auto target = config::parse_destination(given.destination);
  if (!target) return target.error();
  const auto environment = config::system_environment();
  if (!environment) return environment.error();
  config::command_line line;
  line.target = std::move(*target);
  line.options = given.keywords;
  line.options_behind = given.keywords_behind;
  line.file = given.config_file;
  return config::load_configuration(line, *environment);
}

// -D, then DynamicForward.
result<std::vector<config::forward_spec>> named_listeners(const options& given,
                                                          const config::settings& settings) {
  std::vector<config::forward_spec> listeners;
  // As ssh, which takes one that is named twice for one; but any port is another each time.
  const auto add = [&listeners](config::forward_spec spec) {
    const bool anew = std::find(listeners.begin(), listeners.end(), spec) == listeners.end();
    if (anew || (spec.port == 0 && spec.socket_path.empty())) listeners.push_back(std::move(spec));
  };
  for (const auto& text : given.dynamic_forwards) {
    auto parsed = config::parse_dynamic_forward(text);
    if (!parsed) return parsed.error();
    add(std::move(*parsed));
  }
  for (const auto& spec : settings.dynamic_forward) add(spec);
  return listeners;
}

// Those, or loopback and SOCKS's own port when there are none.
result<std::vector<config::forward_spec>> listeners_for(const options& given,
                                                        const config::settings& settings) {
  auto named = named_listeners(given, settings);
  if (!named) return named.error();
  auto listeners = std::move(*named);
  if (listeners.empty())
    listeners.push_back({.bind_address = "localhost", .port = default_port, .socket_path = {}});
  for (const auto& each : listeners) {
    if (each.socket_path.empty()) continue;
    return error{make_error_code(boost::system::errc::not_supported),
                 "cannot listen on the Unix socket " + each.socket_path + ": only TCP ports are supported"};
  }
  return listeners;
}

// Whether the system picks a port, which somebody has to be told.
bool any_port(const std::vector<config::forward_spec>& listeners) {
  return std::any_of(listeners.begin(), listeners.end(), [](const auto& each) { return each.port == 0; });
}

// --udp-gateway names a host as -D names an address.
result<udp_settings> udp_for(const udp_options& given) {
  udp_settings settings;
  settings.ways.off = given.mode == "off";
  for (const auto way : {udp::way::gateway, udp::way::helper, udp::way::script, udp::way::dns})
    if (given.mode == udp::name_of(way)) settings.ways.only = way;
  if (given.gateway) {
    const auto parsed = config::parse_dynamic_forward(*given.gateway);
    if (!parsed || !parsed->bind_address || parsed->bind_address->empty() || parsed->port == 0) {
      return error{make_error_code(boost::system::errc::invalid_argument),
                   "--udp-gateway: '" + *given.gateway + "' is not host:port"};
    }
    settings.ways.gateway = ssh::endpoint{*parsed->bind_address, parsed->port};
  }
  if (given.gateway_protocol == "udpgw") settings.ways.protocol = udp::gateway_protocol::udpgw;
  if (given.gateway_protocol == "hev") settings.ways.protocol = udp::gateway_protocol::hev;
  settings.rules.idle_limit = std::chrono::seconds(given.timeout);
  settings.ways.idle_limit = settings.rules.idle_limit;
  if (given.filter == "address") settings.rules.peers = proxy::udp_peers::addressed;
  return settings;
}

result<name_settings> names_for(const options& given) {
  name_settings names{.resolves = !given.name_servers.empty(), .servers = {}, .listeners = {}};
  const bool automatic =
      std::find(given.name_servers.begin(), given.name_servers.end(), "auto") != given.name_servers.end();
  if (automatic && given.name_servers.size() != 1) {
    return error{make_error_code(boost::system::errc::invalid_argument),
                 "--dns auto says where to look names up: leave out the other --dns"};
  }
  for (const auto& text : given.name_servers) {
    if (automatic) break;
    auto parsed = dns::parse_server(text);
    if (!parsed) return parsed.error();
    names.servers.push_back(std::move(*parsed));
  }
  for (const auto& text : given.dns_listeners) {
    auto parsed = config::parse_dynamic_forward(text);
    if (!parsed || !parsed->socket_path.empty()) {
      return error{make_error_code(boost::system::errc::invalid_argument),
                   "--dns-listen takes [bind_address:]port, not '" + text + "'"};
    }
    names.listeners.push_back(std::move(*parsed));
  }
  return names;
}

// -S as ControlPath is written: with `~`, variables and tokens. Those are about the destination, which -O
// alone can do without.
result<std::string> named_socket(const options& given, const config::token_values& tokens) {
  const auto environment = config::system_environment();
  if (!environment) return environment.error();
  auto path = config::expand_path(*given.control_path, tokens, *environment);
  if (!path) return error{path.error().code, "-S " + *given.control_path + ": " + path.error().message};
  return path;
}

// -S, or else ControlPath. That is for asking alone: a tunnel that listens there would be in the way of ssh,
// whose masters do.
result<std::string> socket_to_ask(const options& given) {
  if (given.control_path && given.destination.empty()) return named_socket(given, {});
  const auto read = configuration_for(given);
  if (!read) return read.error();
  if (given.control_path) return named_socket(given, read->settings.tokens);
  if (!read->settings.control_path.empty()) return read->settings.control_path;
  return error{
      make_error_code(boost::system::errc::invalid_argument),
      "-O needs the socket of the tunnel to be asked: -S path, or ControlPath for " + given.destination};
}

// -O: the outcome is the exit code, as ssh's.
int ask_another(const options& given) {
  const auto what = control::parse_request(*given.control_request);
  const auto path = socket_to_ask(given);
  if (!path) return complain(path.error().message);
  const auto answer = control::ask(*path, *what);
  if (!answer) {
    log::error("{}", answer.error().message);
    return unanswered_status;
  }
  std::fputs(answer->text.c_str(), answer->succeeded ? stdout : stderr);
  return answer->succeeded ? 0 : unanswered_status;
}

int show(const options& given, config::configuration read) {
  const auto algorithms = algorithms_of(given.engine, read.settings);
  if (!algorithms) return complain(algorithms.error().message);
  for (const auto& warning : read.settings.warnings) log::warn("{}", warning);
  if (read.obstacle) log::warn("{}", read.obstacle->message);
  auto listeners = named_listeners(given, read.settings);
  if (!listeners) return complain(listeners.error().message);
  read.settings.dynamic_forward = std::move(*listeners);
  std::fputs(config::list_configuration(read, *algorithms).c_str(), stdout);
  return 0;
}

int run(const options& given, program_log& lines) {
  if (given.control_request) return ask_another(given);
  auto read = configuration_for(given);
  if (!read) return complain(read.error().message);
  if (given.show_configuration) return show(given, std::move(*read));
  if (read->obstacle) return complain(read->obstacle->message);
  const auto settings = &read->settings;
  if (given.log_file) {
    if (const auto open = lines.write_to(*given.log_file); !open) return complain(open.error().message);
  }
  lines.show_from(level_for(given, *settings));
  auto engine = make_engine(given.engine, *settings);
  for (const auto& warning : settings->warnings) log::warn("{}", warning);
  if (!engine) return complain(engine.error().message);
  auto questions =
      std::make_unique<ssh::terminal_prompter>(ssh::prompt_settings_from_environment(settings->batch_mode));
  auto way = way_to_server(given, *settings, *questions);
  if (!way) return complain(way.error().message);
  auto listeners = listeners_for(given, *settings);
  if (!listeners) return complain(listeners.error().message);
  auto udp = udp_for(given.udp);
  if (!udp) return complain(udp.error().message);
  auto names = names_for(given);
  if (!names) return complain(names.error().message);
  // Before there are threads.
  std::optional<background> behind;
  if (settings->fork_after_authentication) behind.emplace();
  const auto reopen_log = [&lines] { return lines.reopen(); };
  std::function<void()> ready;
  if (behind) {
    ready = [&behind, errors = given.verbosity != 0 && !given.log_file] { behind->ready(errors); };
  }
  const auto secrets = given.forget_secrets ? ssh::secret_keeping::forgotten : ssh::secret_keeping::kept;
  way->secrets = secrets;
  std::optional<std::string> control_path;
  if (given.control_path) {
    auto named = named_socket(given, settings->tokens);
    if (!named) return complain(named.error().message);
    control_path = std::move(*named);
  }
  service_settings service{
      std::move(control_path),
      secrets,
      level_for(given, *settings) > log::level::info && any_port(*listeners),
      ready,
      reopen_log,
  };
  std::optional<application> program(std::in_place, std::move(*settings), std::move(*way),
                                     std::move(*listeners), std::move(*engine), std::move(questions),
                                     std::move(*udp), std::move(*names), std::move(service),
                                     given.connections.value_or(1));
  const auto how = program->run();
  program.reset();
  if (how.by_signal != 0) end_process_by(how.by_signal);
  return how.code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    program_log lines;
    const auto parsed = parse_options(argc, argv, version_text());
    if (const auto* text = std::get_if<message>(&parsed)) {
      std::fputs(text->text.c_str(), text->status == 0 ? stdout : stderr);
      return text->status;
    }
    return run(std::get<options>(parsed), lines);
  } catch (const std::exception& failure) {
    // A bug, or the machine is out of memory or threads.
    std::fprintf(stderr, "tunnel: cannot go on: %s\n", failure.what());
    return 1;
  }
}
