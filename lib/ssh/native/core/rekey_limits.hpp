#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "ssh/native/core/packet_decoder.hpp"

namespace tunnel::ssh::native {

/// How long keys are used before new ones are agreed on, each direction counted by itself.
struct rekey_limits {
  /// RFC 4253 section 9 recommends a gigabyte, and an hour.
  std::uint64_t octets = std::uint64_t{1} << 30U;
  std::chrono::steady_clock::duration age = std::chrono::hours(1);
  /// RFC 4344 section 3.1: never beyond 2^32 packets, so that no sequence number serves a key twice.
  std::uint64_t packets = std::uint64_t{1} << 31U;
  // RFC 4344 section 3.2's 2^32 blocks of AES are 64 GiB.
  static constexpr std::uint64_t most_octets = std::uint64_t{1} << 36U;

  [[nodiscard]] bool reached(const key_usage& usage) const {
    return usage.octets >= octets || usage.octets >= most_octets || usage.packets >= packets;
  }
};

}  // namespace tunnel::ssh::native
