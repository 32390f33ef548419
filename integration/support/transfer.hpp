#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "support/origin.hpp"
#include "support/tcp.hpp"

/// Bulk data whose every octet is checked.
namespace tunnel::integration {

/// Sends `amount` octets of pattern(seed).
void send_pattern(const tcp_stream& stream, std::uint64_t seed, std::size_t amount, milliseconds limit);

/// Receives to the end, or until `at_most` octets have come, and says how much of it was pattern(seed).
std::size_t receive_pattern(const tcp_stream& stream, std::uint64_t seed, milliseconds limit,
                            std::size_t at_most = std::numeric_limits<std::size_t>::max());

/// Moves `amount` octets each way at once between a client of this proxy and a target. The target ends the
/// connection when it has sent and received all; the client does not end its half before.
/// Empty when all arrived unharmed and nothing besides; else what went wrong.
std::string exchange_patterns(std::uint16_t proxy_port, std::size_t amount, milliseconds limit);

/// `flows` clients of this proxy, all connected before the first transfer, fetch 1 MiB each of a pattern of
/// their own. Empty when all arrived unharmed; else a line for each flow that did not.
std::string fetch_patterns(std::uint16_t proxy_port, std::size_t flows, milliseconds limit);

}  // namespace tunnel::integration
