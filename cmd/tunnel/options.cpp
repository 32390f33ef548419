#include "options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "config/service_port.hpp"
#include "config/values.hpp"

namespace tunnel {

namespace {

constexpr int usage_status = 2;

constexpr auto description =
    "Opens a SOCKS proxy on this machine whose connections are made by an SSH server.\n"
    "Without -D it listens on 127.0.0.1:1080 and [::1]:1080.";

std::string nearest_option(const CLI::App& app, const std::string& unknown) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  return std::string(config::nearest(unknown, views).value_or(""));
}

message mistake(std::string sentence) {
  return {"tunnel: " + std::move(sentence) + "\n", usage_status};
}

message unexpected(const CLI::App& app, const std::string& argument) {
  if (argument.size() < 2 || argument.front() != '-') {
    return mistake("'" + argument +
                   "' was not expected after the destination: tunnel runs no commands on the server");
  }
  const auto nearest = argument.starts_with("--") ? nearest_option(app, argument) : "";
  return mistake("there is no option " + argument +
                 (nearest.empty() ? "; tunnel --help lists them" : "; did you mean " + nearest + "?"));
}

// A name-list and the marks that may stand in front of it here: ssh takes fewer of them than in its files.
CLI::Validator name_list(const std::string& marks) {
  const auto check = [marks](const std::string& text) -> std::string {
    const bool marked = !text.empty() && marks.find(text.front()) != std::string::npos;
    const auto names = std::string_view(text).substr(marked ? 1 : 0);
    const bool plain = names.find_first_of(" \t\"'\\#=") == std::string_view::npos;
    if (!names.empty() && std::string_view("+-^").find(names.front()) == std::string_view::npos && plain)
      return {};
    return "'" + text + "' is no list of algorithms";
  };
  return {check, ""};
}

// What letters stand for.
struct letters {
  bool inet = false;
  bool inet6 = false;
  bool gateway = false;
  bool background = false;
  std::optional<unsigned> connect_timeout;
  std::optional<std::string> jump;
  std::optional<std::string> ciphers;
  std::optional<std::string> macs;
  std::optional<std::string> bind_address;
  std::optional<std::string> bind_interface;
};

std::optional<std::string> level_name(const options& given) {
  if (given.quiet) return "QUIET";
  if (given.verbosity == 0) return std::nullopt;
  return "DEBUG" + std::to_string(std::min(given.verbosity, 3U));
}

// They go in front: as in ssh, they win over -o wherever they stand.
std::vector<config::given_option> keywords_of(const letters& given, const options& parsed) {
  std::vector<config::given_option> keywords;
  const auto add = [&keywords](const char* keyword, const std::optional<std::string>& value) {
    if (value) keywords.push_back({.keyword = keyword, .value = *value});
  };
  if (given.inet) add("AddressFamily", "inet");
  if (given.inet6) add("AddressFamily", "inet6");
  if (given.gateway) add("GatewayPorts", "yes");
  if (given.background) add("ForkAfterAuthentication", "yes");
  if (given.connect_timeout) add("ConnectTimeout", std::to_string(*given.connect_timeout));
  add("ProxyJump", given.jump);
  add("Ciphers", given.ciphers);
  add("MACs", given.macs);
  add("BindAddress", given.bind_address);
  add("BindInterface", given.bind_interface);
  add("LogLevel", level_name(parsed));
  return keywords;
}

// Of -o, -l, -p and -i ssh takes the first that says something, whichever it is.
struct ordered_letter {
  const char* keyword;
  CLI::Option* option = nullptr;
  std::vector<std::string> values = {};
  std::size_t taken = 0;
};

void put_in_order(const CLI::App& app, const CLI::Option* destination, std::span<ordered_letter> letters,
                  options& to) {
  auto* part = &to.keywords;
  for (const CLI::Option* each : app.parse_order()) {
    if (each == destination) part = &to.keywords_behind;
    for (ordered_letter& letter : letters) {
      if (letter.option != each || letter.taken == letter.values.size()) continue;
      part->push_back({.keyword = letter.keyword, .value = letter.values[letter.taken++]});
    }
  }
}

// A number or the name of a service.
std::string port_problem(const std::string& text) {
  return config::parse_server_port(text) ? ""
                                         : "'" + text + "' is no port, which is a number from 1 to 65535";
}

void add_udp_options(CLI::App& app, udp_options& udp) {
  app.add_option("--udp", udp.mode, "How UDP goes through; auto tries gateway, helper, script, dns in turn")
      ->check(CLI::IsMember({"auto", "gateway", "helper", "script", "dns", "off"}))
      ->capture_default_str();
  app.add_option("--udp-gateway", udp.gateway, "A UDP relay that listens on the server's side")
      ->type_name("HOST:PORT");
  app.add_option("--udp-gateway-protocol", udp.gateway_protocol, "What it speaks")
      ->check(CLI::IsMember({"tunnel", "udpgw", "hev"}))
      ->capture_default_str();
  app.add_option("--udp-timeout", udp.timeout, "UDP associations end when idle for so long")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
  app.add_option("--udp-filter", udp.filter, "Take datagrams from any peer, or from addresses sent to alone")
      ->check(CLI::IsMember({"none", "address"}))
      ->capture_default_str();
}

void add_way_options(CLI::App& app, way_options& way) {
  app.add_option("--proxy", way.proxies,
                 "Reach the server, or the first jump host, through a proxy; several are passed in turn")
      ->type_name("SCHEME://[USER@]HOST[:PORT]")
      ->allow_extra_args(false);
  app.add_option("--proxy-credentials", way.proxy_credentials,
                 "A file with user:password for the proxies; without it a user's password is asked for")
      ->type_name("FILE")
      ->take_last();
  app.add_flag("--tls", way.tls, "Speak TLS with what answers first, and SSH inside it");
  const auto text = [&app](const char* name, std::string& value, const char* what) {
    return app.add_option(name, value, what)->take_last();
  };
  text("--tls-server-name", way.tls_server_name, "Whom the certificate must be for, in place of the host")
      ->type_name("NAME");
  text("--tls-ca", way.tls_ca, "Authorities to believe in place of the system's, also of https:// proxies")
      ->type_name("FILE");
  text("--tls-cert", way.tls_certificate, "A certificate of one's own to show")->type_name("FILE");
  text("--tls-key", way.tls_key, "Its private key, if that is in another file")->type_name("FILE");
  app.add_option("--tls-alpn", way.tls_protocols, "A protocol to offer (ALPN); may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
}

// An option about TLS without TLS is a mistake that would go unnoticed.
std::optional<std::string> misplaced(const way_options& way) {
  const bool has_https = std::any_of(way.proxies.begin(), way.proxies.end(),
                                     [](const std::string& url) { return url.starts_with("https:"); });
  if (!way.tls && (!way.tls_server_name.empty() || !way.tls_certificate.empty() || !way.tls_key.empty() ||
                   !way.tls_protocols.empty()))
    return "--tls-server-name, --tls-cert, --tls-key and --tls-alpn go with --tls";
  if (!way.tls && !has_https && !way.tls_ca.empty()) return "--tls-ca goes with --tls or an https:// proxy";
  if (way.tls_certificate.empty() && !way.tls_key.empty()) return "--tls-key goes with --tls-cert";
  if (way.proxies.empty() && way.proxy_credentials) return "--proxy-credentials goes with --proxy";
  return std::nullopt;
}

}  // namespace

std::variant<options, message> parse_options(int argc, const char* const* argv, const std::string& version) {
  options parsed;
  letters given;
  bool show_version = false;

  CLI::App app(description, "tunnel");
  app.allow_extras();
  app.set_help_flag("-h,--help", "Show this and exit");
  const auto repeatable = [&app](const char* name, std::vector<std::string>& values, const char* text) {
    return app.add_option(name, values, text)->allow_extra_args(false);
  };
  repeatable("-D", parsed.dynamic_forwards,
             "Listen there; may be repeated; * is every address, port 0 picks one")
      ->type_name("[BIND_ADDRESS:]PORT");
  std::array<ordered_letter, 4> ordered = {{{"Port"}, {"User"}, {"IdentityFile"}, {""}}};
  auto& [port, login, key_file, keyword] = ordered;
  port.option = repeatable("-p", port.values, "The server's port")
                    ->type_name("PORT")
                    ->check(CLI::Validator(port_problem, ""));
  login.option = repeatable("-l", login.values, "The user on the server")->type_name("USER");
  key_file.option = repeatable("-i", key_file.values, "A private key; may be repeated")->type_name("FILE");
  // Of several files ssh takes the last.
  app.add_option("-F", parsed.config_file, "Read this configuration instead of ssh's; none reads none")
      ->type_name("FILE")
      ->take_last();
  keyword.option = repeatable("-o", keyword.values, "An option in ssh_config's format; may be repeated")
                       ->type_name("KEYWORD=VALUE");
  app.add_option("-J", given.jump, "Reach the server through these SSH servers, the nearest first")
      ->type_name("[USER@]HOST[:PORT],...")
      ->take_first();
  auto* four = app.add_flag("-4", given.inet, "Reach the server over IPv4 only");
  app.add_flag("-6", given.inet6, "Reach the server over IPv6 only")->excludes(four);
  app.add_flag("-g", given.gateway, "Listen beyond loopback: where -D says, or everywhere");
  // Unlike with -o, of several ssh takes the last.
  app.add_option("-c", given.ciphers, "Ciphers, as the keyword; + and ^ may stand in front")
      ->type_name("CIPHERS")
      ->check(name_list("+^"))
      ->take_last();
  app.add_option("-m", given.macs, "MACs, as the keyword, but the whole list")
      ->type_name("MACS")
      ->check(name_list(""))
      ->take_last();
  app.add_option("-b", given.bind_address, "Reach the server from this address of this machine")
      ->type_name("ADDRESS")
      ->take_last();
  app.add_option("-B", given.bind_interface, "Reach the server from the address of this interface")
      ->type_name("INTERFACE")
      ->take_last();
  app.add_flag("-G", parsed.show_configuration, "Show the configuration for the destination and exit");
  bool no_command = false;
  app.add_flag("-N", no_command, "Run no command on the server, as always; for those used to ssh");
  auto* loud = app.add_flag("-v", parsed.verbosity, "Say more: one line per flow; twice: each step");
  app.add_flag("-q", parsed.quiet, "Say only why it ends")->excludes(loud);
  app.add_option("-E", parsed.log_file, "Append log lines to this file")->type_name("FILE")->take_last();
  app.add_flag("-f", given.background, "Go to the background once connected and listening");
  app.add_flag("--forget-secrets", parsed.forget_secrets,
               "Keep no password or passphrase that worked: ask again to reconnect");
  app.add_option("-S", parsed.control_path, "A socket at which -O can ask this tunnel; none is none")
      ->type_name("PATH")
      ->take_last();
  app.add_option("-O", parsed.control_request,
                 "Ask the tunnel at the socket of -S or ControlPath: check, status, stop, exit, reconnect")
      ->type_name("REQUEST")
      ->check(CLI::IsMember({"check", "status", "stop", "exit", "reconnect"}))
      ->take_last();
  app.add_option("--engine", parsed.engine, "The SSH implementation")
      ->check(CLI::IsMember({"libssh2", "native"}))
      ->capture_default_str();
  app.add_option("--connect-timeout", given.connect_timeout,
                 "For reaching the server, and again for the SSH handshake")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86400));
  app.add_option("--connections", parsed.connections,
                 "SSH connections to keep up and share the flows out to; without it one")
      ->type_name("NUMBER")
      ->check(CLI::Range(1, 32));
  add_way_options(app, parsed.way);
  add_udp_options(app, parsed.udp);
  repeatable("--dns", parsed.name_servers,
             "Look names up through the tunnel, at this server or, with auto, as the SSH server does")
      ->type_name("ADDRESS[:PORT]|auto");
  repeatable("--dns-listen", parsed.dns_listeners, "Answer DNS there, by UDP and TCP; may be repeated")
      ->type_name("[BIND_ADDRESS:]PORT");
  app.add_flag("-V", show_version, "Show the version and exit");
  const auto* destination =
      app.add_option("destination", parsed.destination, "[user@]host or ssh://[user@]host[:port]");

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return message{app.help(), 0};
  } catch (const CLI::ParseError& failure) {
    return mistake(std::string(failure.what()) + "; tunnel --help lists the options");
  }
  if (show_version) return message{version + "\n", 0};
  auto rest = app.remaining();
  // CLI11 leaves the end-of-options mark among what it could not place.
  std::erase(rest, "--");
  if (!rest.empty()) return unexpected(app, rest.front());
  parsed.keywords = keywords_of(given, parsed);
  put_in_order(app, destination, ordered, parsed);
  if (parsed.control_path == "none") parsed.control_path.reset();
  if (parsed.control_request) {
    if (parsed.control_path) return parsed;
    if (parsed.destination.empty())
      return mistake(
          "-O needs the socket of the tunnel to be asked: -S path, or a destination with a ControlPath");
  }
  if (parsed.destination.empty()) return mistake("no destination; try: tunnel -D 1080 user@host");
  if (parsed.udp.mode == "gateway" && !parsed.udp.gateway)
    return mistake("--udp gateway needs --udp-gateway host:port");

  if (auto why = misplaced(parsed.way)) return mistake(std::move(*why));
  return parsed;
}

}  // namespace tunnel
