#pragma once

#include <span>
#include <string_view>

#include "base/octets.hpp"

namespace tunnel::wire {

/// Appends RFC 4251 §5's data types to octets that the caller owns, so that a packet's storage can be used
/// again for the next one. The octets must outlive the writer. Every function returns the writer, so that
/// a message reads as one expression. A string of 4 GiB or more is a bug and throws std::length_error.
class writer {
 public:
  explicit writer(octets& to) : to_(to) {}

  writer& byte(octet value);
  writer& boolean(bool value);
  writer& uint32(std::uint32_t value);
  writer& uint64(std::uint64_t value);
  /// The octets alone, without a length in front.
  writer& raw(octet_view data);
  writer& string(octet_view data);
  writer& text(std::string_view data);
  /// A non-negative mpint from its magnitude, most significant octet first; leading zeros are dropped.
  writer& mpint(octet_view magnitude);
  /// The names joined by commas. They are not checked.
  writer& name_list(std::span<const std::string_view> names);

 private:
  octets& to_;
};

}  // namespace tunnel::wire
