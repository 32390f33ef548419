#pragma once

#include <chrono>
#include <string>

#include "pool/pool.hpp"
#include "proxy/flow.hpp"

namespace tunnel::proxy {

/// How long a server may take to begin to listen. Then reply 06.
inline constexpr auto listen_limit = std::chrono::seconds(30);

/// How long to wait for the peer of a BIND request. It connects at once or not at all, as a rule, and most
/// programs wait a minute for it. Then reply 06.
inline constexpr auto visit_limit = std::chrono::minutes(2);

struct bind_settings {
  /// The host that the SSH connection is to, as it is named in the configuration. What clients are told,
  /// where the server's address is not known because the connection does not go straight to it.
  std::string server_name = {};
  std::chrono::steady_clock::duration visit_limit = proxy::visit_limit;
};

/// Serves one BIND request (RFC 1928 sections 4 and 6; SOCKS4 and SOCKS4a): has the server listen on a port
/// of its choice, tells the client where, lets one peer in, tells the client whom, and starts the relay.
///
/// - The first reply carries the server's address and the port that it chose; SOCKS4's has room for an IPv4
///   address only and says 0.0.0.0 where there is none.
/// - Only the host that the request names is let in, see expected_peer. Others are turned away meanwhile.
/// - The second reply carries the peer's address and port as the server says them. Where the engine cannot
///   tell, it carries those of the request, or 0.0.0.0 and port 0 when that named no address.
/// - The server is asked to listen on every address. OpenSSH's sshd with "GatewayPorts no", its default,
///   listens on its loopback all the same, and does not say so.
/// - The listening ends with the peer's arrival, with the client's leaving and with `visit_limit`.
///
/// Runs on the lease's executor, where the client must have been moved to. `give_back` as run_flow()'s; `how`
/// must outlive it, and is read on this thread.
awaitable<void> run_bind(pending_flow flow, pool::lease held, return_handler give_back,
                         const bind_settings& how);

}  // namespace tunnel::proxy
