#pragma once

#include <chrono>
#include <vector>

#include "aio/asio.hpp"
#include "aio/dial.hpp"
#include "base/error.hpp"

namespace tunnel::aio {

/// Between attempts (RFC 8305 section 5).
inline constexpr auto attempt_delay = std::chrono::milliseconds(250);

/// The families in turn, beginning with that of the first address, and otherwise in the order given (RFC 8305
/// section 4).
std::vector<tcp::endpoint> families_in_turn(const std::vector<tcp::endpoint>& addresses);

/// Connects to one of `addresses`, in their order, as RFC 8305 section 5 says: an attempt begins
/// `attempt_delay` behind the last, or as soon as one has failed. The first to succeed wins, and the others
/// are given up.
///
/// Errors: one sentence naming host, port and the address that failed last. Thread: the caller's executor.
/// Cancellation: through the awaitable's slot; nothing is left open.
awaitable<result<tcp::socket>> connect_race(std::vector<tcp::endpoint> addresses, dial_target target);

}  // namespace tunnel::aio
