#include "wire/writer.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace tunnel::wire {
namespace {

std::uint32_t length_of(std::size_t size) {
  if (size > std::numeric_limits<std::uint32_t>::max())
    throw std::length_error("SSH string of 4 GiB or more");
  return static_cast<std::uint32_t>(size);
}

}  // namespace

writer& writer::byte(octet value) {
  to_.push_back(value);
  return *this;
}

writer& writer::boolean(bool value) {
  return byte(value ? 1 : 0);
}

writer& writer::uint32(std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to_.push_back(static_cast<octet>(value >> shift));
  return *this;
}

writer& writer::uint64(std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) to_.push_back(static_cast<octet>(value >> shift));
  return *this;
}

writer& writer::raw(octet_view data) {
  to_.insert(to_.end(), data.begin(), data.end());
  return *this;
}

writer& writer::string(octet_view data) {
  return uint32(length_of(data.size())).raw(data);
}

writer& writer::text(std::string_view data) {
  return string(as_octets(data));
}

writer& writer::mpint(octet_view magnitude) {
  const auto first = std::ranges::find_if(magnitude, [](octet value) { return value != 0; });
  const octet_view digits(first, magnitude.end());
  // A leading zero octet keeps a magnitude whose top bit is set from reading as a negative number.
  const bool pad = !digits.empty() && (digits.front() & 0x80U) != 0;
  uint32(length_of(digits.size() + (pad ? 1 : 0)));
  if (pad) byte(0);
  return raw(digits);
}

writer& writer::name_list(std::span<const std::string_view> names) {
  std::size_t size = names.empty() ? 0 : names.size() - 1;
  for (const std::string_view name : names) size += name.size();
  uint32(length_of(size));
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0) byte(',');
    raw(as_octets(names[i]));
  }
  return *this;
}

}  // namespace tunnel::wire
