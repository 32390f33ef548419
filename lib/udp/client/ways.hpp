#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/octets.hpp"
#include "socks/address.hpp"
#include "udp/client/access.hpp"
#include "udp/client/link.hpp"
#include "udp/client/resolver.hpp"

namespace tunnel::udp {

/// A kind of relay, in the order in which they are tried.
enum class way {
  /// One that listens on the server's side.
  gateway,
  /// tunnel-relay, found on the server and run there.
  helper,
  /// The same as a script, which the server is given and has Python run.
  script,
  /// None: DNS alone, over TCP.
  dns,
};

/// "gateway", as --udp has it.
std::string_view name_of(way which);

/// What the gateway speaks.
enum class gateway_protocol { tunnel, udpgw, hev };

/// Takes a DNS query (RFC 1035 section 4) to a server over TCP, and brings the answer. Called on an SSH
/// connection's thread, and completes there.
using dns_exchange = std::function<awaitable<result<octets>>(socks::address server, octets query)>;

struct settings {
  /// --udp off: nothing is served.
  bool off = false;
  /// The one way to be tried; nothing: each in turn.
  std::optional<way> only;
  /// Where a relay listens, as the server sees it.
  std::optional<ssh::endpoint> gateway;
  gateway_protocol protocol = gateway_protocol::tunnel;
  /// When associations end for being idle. Relays that are started are told to wait longer.
  std::chrono::seconds idle_limit = std::chrono::minutes(5);
  /// For gateways that know addresses alone.
  resolver look_up;
  dns_exchange ask_dns;
};

struct found_way {
  way which;
  std::shared_ptr<udp::link> through;
};

/// Finds a way for datagrams and opens a link. `first` is tried before the others: what was found the last
/// time. Says in one log line which way it is and why. Errors: errc::no_way, with a sentence that says what
/// each way lacks and what would help. Thread: that of `by`.
awaitable<result<found_way>> find_way(const settings& with, std::shared_ptr<access> by,
                                      std::optional<way> first);

}  // namespace tunnel::udp
