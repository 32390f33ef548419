#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/octets.hpp"
#include "pool/pool.hpp"
#include "proxy/client.hpp"
#include "socks/request.hpp"
#include "ssh/channel.hpp"
#include "ssh/endpoint.hpp"

namespace tunnel::proxy {

/// How long a server may take to answer an open: as long as a person waits for a page. Then reply 06.
inline constexpr auto open_limit = std::chrono::seconds(30);

/// A CONNECT request on its way.
struct pending_flow {
  client from;
  socks::request wanted;
  /// What the client sent behind its request.
  octets early;
};

/// Takes a flow whose SSH connection went before it was open, and nothing had been answered: it can still be
/// served by another. Called on the lease's executor.
using return_handler = std::function<void(pending_flow)>;

/// Carries one CONNECT request from its lease to its relay: open and reply. The relay goes on by itself, and
/// gives the lease back at its end, with one log line.
///
/// Runs on the lease's executor, where the client must have been moved to. `give_back` empty: the client is
/// told instead.
awaitable<void> run_flow(pending_flow flow, pool::lease held, return_handler give_back);

/// The second half of run_flow(), for a channel that was opened elsewhere: the reply and the relay.
/// `started`: since when the client waits for it. Runs on the lease's executor too.
awaitable<void> grant(pending_flow flow, pool::lease held, std::unique_ptr<ssh::channel> opened,
                      std::chrono::steady_clock::time_point started);

/// What the SSH server's log calls the client.
ssh::endpoint originator_of(const client& from);

/// Answers a request that cannot be served and closes.
awaitable<void> refuse(client& from, const socks::request& wanted, const error& why);

}  // namespace tunnel::proxy
