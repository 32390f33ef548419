#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tunnel::integration {

inline constexpr std::size_t mebibyte = 1024 * 1024;

/// An endless sequence of octets fixed by its seed, to be sent at one end and checked octet by octet at the
/// other: what is lost, doubled, swapped or from another flow shows.
class pattern {
 public:
  explicit pattern(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15U + 1) {}

  /// The next `count` octets.
  std::string next(std::size_t count);

  /// Whether `data` is what comes next.
  bool continues_with(std::string_view data) { return next(data.size()) == data; }

 private:
  char next_octet();

  std::uint64_t state_;
  std::uint64_t word_ = 0;
  unsigned left_in_word_ = 0;
};

}  // namespace tunnel::integration
