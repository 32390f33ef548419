#include "path/route.hpp"

#include <optional>
#include <utility>

#include "base/text.hpp"
#include "path/command.hpp"
#include "path/errors.hpp"

namespace tunnel::path {

namespace {

bool same_server(const config::settings& one, const config::settings& other) {
  return one.host_name == other.host_name && one.port == other.port && one.user == other.user;
}

class planner {
 public:
  planner(const config::settings& server, const settings_reader& read) : server_(server), read_(read) {}

  // Adds what leads to `target`, which `named` names.
  std::optional<error> lead_to(const config::settings& target, const std::string& named) {
    if (target.proxy_jump.empty()) return end_with(target, named);
    for (std::size_t i = 0; i < target.proxy_jump.size(); ++i) {
      const auto& host = target.proxy_jump[i];
      auto hop = read_hop(host);
      if (!hop) return hop.error();
      if (same_server(*hop, target)) return loop(host);
      // The others are reached through the one before them, whatever their configuration says.
      if (i == 0) {
        if (++depth_ > max_hops) return loop(host);
        if (auto failure = lead_to(*hop, host.host)) return failure;
      }
      if (route_.hops.size() == max_hops) return loop(host);
      route_.hops.push_back({host.host, std::move(*hop)});
    }
    return std::nullopt;
  }

  route take() { return std::move(route_); }

 private:
  std::optional<error> end_with(const config::settings& target, const std::string& named) {
    const command_tokens values{target.host_name, named, target.port, target.user};
    auto expanded = expand_command(target.proxy_command, values);
    if (!expanded) return expanded.error();
    route_.command = std::move(*expanded);
    return std::nullopt;
  }

  result<config::settings> read_hop(const config::destination& host) {
    auto hop = read_(host);
    if (!hop) return error{hop.error().code, "jump host " + sanitise(host.host) + ": " + hop.error().message};
    if (!hop->connect_timeout) hop->connect_timeout = server_.connect_timeout;
    if (hop->address_family == config::address_family::any) hop->address_family = server_.address_family;
    return hop;
  }

  static error loop(const config::destination& host) {
    return {errc::malformed, "ProxyJump goes round in circles through " + sanitise(host.host) +
                                 ": give that host 'ProxyJump none' in the configuration"};
  }

  const config::settings& server_;
  const settings_reader& read_;
  std::size_t depth_ = 0;
  route route_;
};

}  // namespace

result<route> plan_route(const config::settings& server, const std::string& named,
                         const settings_reader& read) {
  planner plan(server, read);
  if (auto failure = plan.lead_to(server, named)) return std::move(*failure);
  return plan.take();
}

}  // namespace tunnel::path
