#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "scenario.hpp"

/// The work itself. Each throws run_failure when a flow does.
namespace tunnel::bench {

enum class direction { down, up };

/// `total` octets over `flows` flows at once: throughput, processor time per GiB.
metrics bulk(const test_bed& bed, direction way, std::size_t flows, std::uint64_t total);

/// `count` flows begun at the same moment: how long each took to its first echo.
metrics opens_at_once(const test_bed& bed, std::size_t count);

/// `count` flows one after the other: how long each took to its first echo.
metrics sequential_connects(const test_bed& bed, std::size_t count);

/// An 8-octet ping every 10 ms beside an endless bulk flow: round trips, and the bulk flow's throughput.
metrics pings_beside_bulk(const test_bed& bed, direction way, std::size_t pings);

/// opens_at_once() while `unanswered` other opens wait for targets that never answer.
metrics opens_beside_unanswered(const test_bed& bed, std::size_t count, std::size_t unanswered);

/// Flows that echoed once and then do nothing: what each costs the subject in resident memory.
metrics idle_flows(const test_bed& bed, std::size_t count);

/// A download of `octets` beside 8 that nobody reads: its throughput, and the subject's growth. The 8
/// are read on in the end, and must go on rightly.
metrics download_beside_stalled(const test_bed& bed, std::uint64_t octets);

/// `under_way` datagrams of 512 octets kept under way to the echo, over a path with that round trip: echoes
/// per second, loss, and what an echo costs both ends in processor time.
metrics datagram_rate(const test_bed& bed, std::size_t under_way, std::chrono::microseconds round_trip);

/// `count` datagrams of 64 octets, one every 5 ms: how long echoes take, and loss.
metrics datagram_latency(const test_bed& bed, std::size_t count);

/// datagram_latency() beside an endless bulk flow, and that one's throughput.
metrics datagram_latency_beside_bulk(const test_bed& bed, direction way, std::size_t count);

}  // namespace tunnel::bench
