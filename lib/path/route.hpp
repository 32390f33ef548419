#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/destination.hpp"
#include "config/settings.hpp"

namespace tunnel::path {

/// Reads the configuration for a jump host, as if the user had named it as the destination, without what the
/// command line says about the real one.
using settings_reader = std::function<result<config::settings>(const config::destination& host)>;

/// A host as the user named it, and what the configuration comes to for it.
struct planned_hop {
  std::string name;
  config::settings settings;
};

/// What stands between this machine and a server, as ProxyJump and ProxyCommand have it.
struct route {
  /// Nearest first.
  std::vector<planned_hop> hops;
  /// Reaches the first hop, or the server where there is none: ProxyCommand, expanded. Empty: TCP does.
  std::string command;
};

/// The most jump hosts in all. More is a configuration that goes round in circles.
inline constexpr std::size_t max_hops = 16;

/// Follows ProxyJump as ssh does: the first host of a list is reached in its own configuration's way, perhaps
/// through jump hosts in turn, and each further one through the one before it. `named`: the server as the
/// user named it.
///
/// Unlike in ssh, ConnectTimeout and AddressFamily of the destination hold for hops that have none.
/// Errors: errc::malformed; the reader's, which says which jump host it is about.
result<route> plan_route(const config::settings& server, const std::string& named,
                         const settings_reader& read);

}  // namespace tunnel::path
