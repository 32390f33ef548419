#pragma once

#include <chrono>

#include "proxy/client.hpp"
#include "proxy/half_open.hpp"
#include "proxy/services.hpp"

namespace tunnel::proxy {

/// From its connection to its complete request a client has this long in all: a slow trickle of octets does
/// not extend it.
inline constexpr auto handshake_limit = std::chrono::seconds(15);

/// Serves one client: reads its request and either answers it or hands the client to a connection's thread.
///
/// Runs on the accepting thread and ends there; what it starts elsewhere ends with the pool's connections.
awaitable<void> serve_client(client from, half_open& waiting, const services& with);

}  // namespace tunnel::proxy
