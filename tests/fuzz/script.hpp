#pragma once

#include <algorithm>
#include <cstdint>

#include "base/octets.hpp"

namespace tunnel::fuzz {

/// A fuzzer's input, read from its front as the values that a target asks for. Beyond its end come zeros and
/// empty strings, so that every input is a script.
class script {
 public:
  explicit script(octet_view input) : left_(input) {}

  [[nodiscard]] bool at_end() const { return left_.empty(); }

  octet byte() {
    const auto taken = raw(1);
    return taken.empty() ? octet{0} : taken.front();
  }

  std::uint32_t uint16() { return big_endian(2); }
  std::uint32_t uint32() { return big_endian(4); }

  /// A string behind its length of two octets; what there is of it.
  octet_view string() { return raw(uint16()); }

  octet_view rest() { return raw(left_.size()); }

 private:
  octet_view raw(std::size_t count) {
    const auto taken = left_.first(std::min(count, left_.size()));
    left_ = left_.subspan(taken.size());
    return taken;
  }

  std::uint32_t big_endian(int count) {
    std::uint32_t value = 0;
    for (; count > 0; --count) value = (value << 8U) | byte();
    return value;
  }

  octet_view left_;
};

/// Cuts octets into pieces of 1 to 16, or of up to `most`, in a way that the seed decides.
class splitter {
 public:
  explicit splitter(std::uint32_t seed, std::uint32_t most = 16) : state_(seed), most_(most) {}

  /// How many of `left` octets come next.
  std::size_t next(std::size_t left) {
    state_ = state_ * 1664525U + 1013904223U;
    return std::min<std::size_t>(left, 1 + (state_ >> 8U) % most_);
  }

 private:
  std::uint32_t state_;
  std::uint32_t most_;
};

/// A number that depends on every octet of the input.
inline std::uint32_t seed_of(octet_view input) {
  std::uint32_t seed = 2166136261U;
  for (const octet each : input) seed = (seed ^ each) * 16777619U;
  return seed;
}

}  // namespace tunnel::fuzz
