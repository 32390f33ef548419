#pragma once

#include <array>
#include <cstdint>

#include "base/octets.hpp"

/// What a flow of the benchmark says to the origin, and what it gets back.
///
///     flow   -> origin   request: work (1 octet), seed (8), length (8), most significant octet first
///     download: origin -> flow   `length` octets of the stream `seed`, then the end of the stream
///     upload:   flow -> origin   octets of the stream `seed` until the flow ends its half;
///               origin -> flow   verdict: octets that were right (8), then the end of the stream
///     echo:     every octet comes back
namespace tunnel::bench {

enum class work : octet { download = 'D', upload = 'U', echo = 'E' };

inline constexpr std::uint64_t endless = UINT64_MAX;

inline constexpr std::size_t number_size = 8;
inline constexpr std::size_t request_size = 1 + 2 * number_size;

inline void put_number(octet_span out, std::uint64_t value) {
  for (std::size_t i = 0; i < number_size; ++i) out[i] = static_cast<octet>(value >> (56 - 8 * i));
}

inline std::uint64_t get_number(octet_view in) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < number_size; ++i) value = value << 8 | in[i];
  return value;
}

struct request {
  work kind = work::echo;
  std::uint64_t seed = 0;
  std::uint64_t length = 0;

  [[nodiscard]] std::array<octet, request_size> encode() const {
    std::array<octet, request_size> out{};
    out[0] = static_cast<octet>(kind);
    put_number(octet_span(out).subspan(1), seed);
    put_number(octet_span(out).subspan(1 + number_size), length);
    return out;
  }

  static request decode(octet_view in) {
    return {static_cast<work>(in[0]), get_number(in.subspan(1)), get_number(in.subspan(1 + number_size))};
  }
};

}  // namespace tunnel::bench
