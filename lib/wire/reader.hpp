#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/octets.hpp"

/// RFC 4251 §5's data types, read and written. The one place that looks at a peer's lengths.
namespace tunnel::wire {

/// Specification: an algorithm or method name has at most 64 octets (RFC 4251 §6).
inline constexpr std::size_t max_name = 64;

/// Policy: the longest name-list accepted, in octets. Real ones stay below 2 KiB.
inline constexpr std::size_t max_name_list = std::size_t{64} * 1024;

/// Reads one value after the other from octets that it does not own.
///
/// Every function returns nothing when the octets left do not hold such a value; the reader then stands
/// where it stood. Nothing is allocated before its length was checked against what is left. Views that
/// are returned live as long as the octets that were given.
class reader {
 public:
  explicit reader(octet_view data) : left_(data) {}

  [[nodiscard]] std::optional<octet> byte();
  /// Any octet but zero is true (RFC 4251 §5).
  [[nodiscard]] std::optional<bool> boolean();
  [[nodiscard]] std::optional<std::uint32_t> uint32();
  [[nodiscard]] std::optional<std::uint64_t> uint64();
  /// Exactly `count` octets without a length in front, such as KEXINIT's cookie.
  [[nodiscard]] std::optional<octet_view> raw(std::size_t count);
  [[nodiscard]] std::optional<octet_view> string();
  /// A string, as text. Neither its encoding nor its octets are checked.
  [[nodiscard]] std::optional<std::string_view> text();
  /// The magnitude of a non-negative mpint, without leading zero octets; zero is empty.
  ///
  /// Negative and non-minimal ones are refused: SSH sends neither.
  [[nodiscard]] std::optional<octet_view> mpint();
  /// The names of a name-list, in order. Refuses empty and over-long names, octets that are not
  /// printable US-ASCII, and lists beyond `max_name_list`.
  [[nodiscard]] std::optional<std::vector<std::string_view>> name_list();

  [[nodiscard]] octet_view rest() const { return left_; }
  [[nodiscard]] bool at_end() const { return left_.empty(); }

 private:
  octet_view left_;
};

}  // namespace tunnel::wire
