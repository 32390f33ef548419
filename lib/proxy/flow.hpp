#pragma once

#include <chrono>

#include "base/octets.hpp"
#include "pool/pool.hpp"
#include "proxy/client.hpp"
#include "socks/request.hpp"

namespace tunnel::proxy {

/// How long a server may take to answer an open: as long as a person waits for a page. Then reply 06.
inline constexpr auto open_limit = std::chrono::seconds(30);

/// Carries one CONNECT request from its lease to the end of its last octet: open, reply, relay, one log line.
///
/// Runs on the lease's executor, where `from` must have been moved to. `early` is what the client sent
/// behind its request.
awaitable<void> run_flow(client from, socks::request wanted, octets early, pool::lease held);

/// Answers a request that cannot be served and closes.
awaitable<void> refuse(client& from, const socks::request& wanted, const error& why);

}  // namespace tunnel::proxy
