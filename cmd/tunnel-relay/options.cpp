#include "tunnel-relay/options.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <utility>
#include <vector>

namespace tunnel::relay {
namespace {

constexpr int usage_status = 2;

constexpr auto description =
    "Passes UDP datagrams on between a stream that tunnel speaks to it on and the network.\n"
    "tunnel runs it on the server with --stdio; or it listens for many tunnels.";

message mistake(const std::string& sentence) {
  return {"tunnel-relay: " + sentence + "\n", usage_status};
}

// As on the command line.
struct texts {
  bool stdio = false;
  std::optional<std::string> listen;
  bool gateway = false;
  std::vector<std::string> allowed;
  std::vector<std::string> denied;
  double timeout = 600;
};

result<void> add_rules(filter& rules, const texts& given) {
  for (const auto& text : given.allowed) {
    const auto range = parse_address_range(text);
    if (!range) return range.error();
    rules.allow(*range);
  }
  for (const auto& text : given.denied) {
    const auto range = parse_address_range(text);
    if (!range) return range.error();
    rules.deny(*range);
  }
  return boost::system::in_place_value;
}

result<void> apply(const texts& given, options& parsed) {
  if (given.listen) {
    const auto address = parse_listen_address(*given.listen);
    if (!address) return address.error();
    if (!address->address().is_loopback() && !given.gateway) {
      return error{make_error_code(boost::system::errc::permission_denied),
                   "not listening on " + *given.listen +
                       ": everybody who reaches this machine there could send from it; add -g if they may"};
    }
    parsed.listen = *address;
    parsed.shared.rules = filter(filter::by_default::deny_local);
  }
  parsed.shared.idle_timeout =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(given.timeout));
  return add_rules(parsed.shared.rules, given);
}

}  // namespace

std::variant<options, message> parse_options(int argc, const char* const* argv, const std::string& version) {
  options parsed;
  texts given;
  bool show_version = false;

  CLI::App app(description, "tunnel-relay");
  app.set_help_flag("-h,--help", "Show this and exit");
  auto* stdio = app.add_flag("--stdio", given.stdio, "One client, on standard input and output");
  app.add_option("--listen", given.listen, "Many clients, on a TCP port; without an address on 127.0.0.1")
      ->type_name("[ADDRESS:]PORT")
      ->excludes(stdio);
  app.add_flag("-g", given.gateway, "Listen beyond loopback; there is no authentication");
  app.add_option(
         "--allow", given.allowed,
         "Addresses that datagrams may go to and come from; may be repeated, the longest range counts")
      ->type_name("RANGE")
      ->allow_extra_args(false);
  app.add_option("--deny", given.denied,
                 "Addresses that they may not; --listen denies loopback, link-local, multicast by itself")
      ->type_name("RANGE")
      ->allow_extra_args(false);
  app.add_option("--timeout", given.timeout, "When an association without datagrams is closed")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 86400.0))
      ->capture_default_str();
  app.add_option("--associations", parsed.shared.associations, "For each client, at most")
      ->type_name("NUMBER")
      ->check(CLI::Range(1, 32768))
      ->capture_default_str();
  app.add_option("--clients", parsed.clients, "At a time, with --listen; more have to wait")
      ->type_name("NUMBER")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app.add_option("--user", parsed.user, "Whom root becomes; without it nobody")->type_name("NAME");
  auto* loud = app.add_flag("-v", parsed.verbosity, "Say more: clients and what they sent");
  app.add_flag("-q", parsed.quiet, "Say only why it ends")->excludes(loud);
  app.add_flag("-V", show_version, "Show the version and exit");

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return message{app.help(), 0};
  } catch (const CLI::ParseError& failure) {
    return mistake(std::string(failure.what()) + "; tunnel-relay --help lists the options");
  }
  if (show_version) return message{version + "\n", 0};
  if (!given.stdio && !given.listen) return mistake("either --stdio or --listen says whom it is to serve");
  if (const auto applied = apply(given, parsed); !applied) return mistake(applied.error().message);
  return parsed;
}

}  // namespace tunnel::relay
