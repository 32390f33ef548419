#pragma once

#include <cstddef>
#include <cstdint>

#include "base/octets.hpp"

/// The octets that bulk flows carry: known to both ends, cheap to make and to check.
namespace tunnel::bench {

/// The most octets that expected_octets() gives at once.
inline constexpr std::size_t pattern_run = 64 * 1024;

/// The `pattern_run` octets of the stream `seed` that begin at `position`.
///
/// Streams are one pseudo-random sequence begun at different places. Its period is a prime of octets,
/// so losing, doubling or swapping packets of any usual size, or mixing two flows up, shows.
octet_view expected_octets(std::uint64_t seed, std::uint64_t position);

/// Whether `data`, of at most `pattern_run` octets, is what the stream `seed` has at `position`.
bool is_expected(std::uint64_t seed, std::uint64_t position, octet_view data);

}  // namespace tunnel::bench
