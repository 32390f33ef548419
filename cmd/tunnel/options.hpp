#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/ssh_config.hpp"

namespace tunnel {

/// How UDP ASSOCIATE is served.
struct udp_options {
  /// auto, gateway, helper, script, dns or off.
  std::string mode = "auto";
  /// host:port, as the server sees it.
  std::optional<std::string> gateway;
  /// tunnel, udpgw or hev.
  std::string gateway_protocol = "tunnel";
  /// Seconds.
  unsigned timeout = 300;
  /// none or address.
  std::string filter = "none";
};

/// What stands in front of the server, or of the first jump host.
struct way_options {
  /// --proxy, in order.
  std::vector<std::string> proxies;
  std::optional<std::string> proxy_credentials;
  bool tls = false;
  std::string tls_server_name;
  std::string tls_ca;
  std::string tls_certificate;
  std::string tls_key;
  /// --tls-alpn, in order.
  std::vector<std::string> tls_protocols;
};

/// The command line, unchecked beyond its shape: what destinations, addresses and keywords mean is for
/// `config` to say.
struct options {
  /// -D, in order.
  std::vector<std::string> dynamic_forwards;
  std::optional<std::string> config_file;
  /// What says something that ssh_config can say. In front stand -4, -6, -b, -B, -g, -c, -m, -J, -f, -q,
  /// -v and --connect-timeout; -o, -l, -p and -i follow in order, as far as they come before the destination.
  std::vector<config::given_option> keywords;
  /// -o, -l, -p and -i behind the destination.
  std::vector<config::given_option> keywords_behind;
  unsigned verbosity = 0;
  bool quiet = false;
  /// -G: show the configuration instead of connecting.
  bool show_configuration = false;
  std::optional<std::string> log_file;
  /// --forget-secrets: passwords are asked for again at each new connection.
  bool forget_secrets = false;
  /// -S: the control socket; nothing or "none": none.
  std::optional<std::string> control_path;
  /// -O: what to ask the tunnel at the control socket, instead of being one.
  std::optional<std::string> control_request;
  /// native or libssh2.
  std::string engine = "native";
  /// SSH connections to keep up, 1 to 32. Nothing: one, and with libssh2 more on demand.
  std::optional<unsigned> connections;
  udp_options udp;
  way_options way;
  /// --dns, in order: addresses of name servers, or auto.
  std::vector<std::string> name_servers;
  /// --dns-listen, in order.
  std::vector<std::string> dns_listeners;
  /// `[user@]host` or `ssh://[user@]host[:port]`.
  std::string destination;
};

/// What to print instead of running, and the exit code: help, version, or a sentence about a mistake.
struct message {
  std::string text;
  int status = 0;
};

/// Parses the command line as ssh would: letters may be joined (-Nv), values attached (-p2222), and options
/// follow the destination too. `version` is the answer to -V.
std::variant<options, message> parse_options(int argc, const char* const* argv, const std::string& version);

}  // namespace tunnel
