#pragma once

#include <chrono>

#include "aio/asio.hpp"
#include "aio/byte_stream.hpp"
#include "base/error.hpp"
#include "ssh/engine.hpp"

namespace tunnel::ssh {

/// Awaits a step of the handshake that depends on the server alone, but not beyond `limit`.
/// Errors: the step's; errc::handshake_failed when the server took too long.
awaitable<result<host_key>> within_limit(std::chrono::steady_clock::duration limit,
                                         const aio::byte_stream& stream, awaitable<result<host_key>> step);
awaitable<result<void>> within_limit(std::chrono::steady_clock::duration limit,
                                     const aio::byte_stream& stream, awaitable<result<void>> step);

}  // namespace tunnel::ssh
