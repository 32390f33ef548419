#include "wire/reader.hpp"

#include <algorithm>

namespace tunnel::wire {
namespace {

template <class Unsigned>
Unsigned big_endian(octet_view data) {
  Unsigned value = 0;
  for (const octet next : data) value = static_cast<Unsigned>((value << 8U) | next);
  return value;
}

bool is_name(std::string_view name) {
  const auto printable = [](char c) { return c > ' ' && c <= '~'; };
  return !name.empty() && name.size() <= max_name && std::ranges::all_of(name, printable);
}

}  // namespace

std::optional<octet_view> reader::raw(std::size_t count) {
  if (left_.size() < count) return std::nullopt;
  const octet_view taken = left_.first(count);
  left_ = left_.subspan(count);
  return taken;
}

std::optional<octet> reader::byte() {
  const auto taken = raw(1);
  if (!taken) return std::nullopt;
  return taken->front();
}

std::optional<bool> reader::boolean() {
  const auto value = byte();
  if (!value) return std::nullopt;
  return *value != 0;
}

std::optional<std::uint32_t> reader::uint32() {
  const auto taken = raw(sizeof(std::uint32_t));
  if (!taken) return std::nullopt;
  return big_endian<std::uint32_t>(*taken);
}

std::optional<std::uint64_t> reader::uint64() {
  const auto taken = raw(sizeof(std::uint64_t));
  if (!taken) return std::nullopt;
  return big_endian<std::uint64_t>(*taken);
}

std::optional<octet_view> reader::string() {
  const octet_view before = left_;
  const auto length = uint32();
  if (!length) return std::nullopt;
  const auto taken = raw(*length);
  if (!taken) left_ = before;
  return taken;
}

std::optional<std::string_view> reader::text() {
  const auto taken = string();
  if (!taken) return std::nullopt;
  return as_text(*taken);
}

std::optional<octet_view> reader::mpint() {
  const octet_view before = left_;
  auto value = string();
  if (!value || value->empty()) return value;
  const bool padded = value->front() == 0;
  const bool sign_bit_follows = value->size() > 1 && ((*value)[1] & 0x80U) != 0;
  const bool negative = (value->front() & 0x80U) != 0;
  if (negative || (padded && !sign_bit_follows)) {
    left_ = before;
    return std::nullopt;
  }
  return padded ? value->subspan(1) : value;
}

std::optional<std::vector<std::string_view>> reader::name_list() {
  const octet_view before = left_;
  const auto list = text();
  if (!list) return std::nullopt;

  std::vector<std::string_view> names;
  std::string_view rest = *list;
  bool more = !rest.empty();
  bool valid = rest.size() <= max_name_list;
  while (valid && more) {
    const std::size_t comma = rest.find(',');
    names.push_back(rest.substr(0, comma));
    valid = is_name(names.back());
    more = comma != std::string_view::npos;
    if (more) rest.remove_prefix(comma + 1);
  }
  if (valid) return names;
  left_ = before;
  return std::nullopt;
}

}  // namespace tunnel::wire
