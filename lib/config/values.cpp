#include "config/values.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>
#include <vector>

#include "base/text.hpp"

namespace tunnel::config {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::optional<std::uint32_t> seconds_per(char unit) {
  switch (lower(unit)) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 60 * 60;
    case 'd':
      return 24 * 60 * 60;
    case 'w':
      return 7 * 24 * 60 * 60;
    default:
      return std::nullopt;
  }
}

// As a power of two.
std::optional<unsigned> size_unit(char unit) {
  constexpr std::string_view units = "bkmgt";
  const std::size_t found = units.find(lower(unit));
  if (found == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(10 * found);
}

// Digits that are taken off the front of the text.
std::string_view take_digits(std::string_view& text) {
  const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

// Levenshtein's distance, one row at a time.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (lower(from[i]) == lower(to[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, lower, lower);
}

bool is_no_command(std::string_view command) {
  return command == "-" || equals_ignoring_case(command, "none");
}

std::string in_quotes(std::string_view text) {
  return '"' + sanitise(text, 200) + '"';
}

std::optional<std::uint32_t> parse_number(std::string_view text, std::uint32_t limit) {
  std::uint32_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size() || value > limit)
    return std::nullopt;
  return value;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto value = parse_number(text, std::numeric_limits<std::uint16_t>::max());
  if (!value) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

std::optional<bool> parse_flag(std::string_view text) {
  if (equals_ignoring_case(text, "yes") || equals_ignoring_case(text, "true")) return true;
  if (equals_ignoring_case(text, "no") || equals_ignoring_case(text, "false")) return false;
  return std::nullopt;
}

std::optional<std::chrono::seconds> parse_time(std::string_view text) {
  constexpr std::uint64_t limit = std::numeric_limits<std::int32_t>::max();
  if (text.empty()) return std::nullopt;
  std::uint64_t total = 0;
  while (!text.empty()) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto count = parse_number(text.substr(0, digits), limit);
    text.remove_prefix(digits);
    const auto unit = text.empty() ? 1 : seconds_per(text.front());
    if (!count || !unit) return std::nullopt;
    if (!text.empty()) text.remove_prefix(1);
    total += std::uint64_t{*count} * *unit;
    if (total > limit) return std::nullopt;
  }
  return std::chrono::seconds(total);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  constexpr std::uint64_t limit = std::numeric_limits<std::int64_t>::max();
  // A millionth of the largest unit is a fraction enough, and 10^6 times that unit fits.
  constexpr std::size_t fraction_digits = 6;
  const std::string_view whole = take_digits(text);
  std::string fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text).substr(0, fraction_digits);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  const auto shift = text.empty() ? 0 : size_unit(text.front());
  if (!shift || text.size() > 1) return std::nullopt;
  fraction.resize(fraction_digits, '0');

  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(whole.data(), whole.data() + whole.size(), value);
  if (problem == std::errc::result_out_of_range || value > limit >> *shift) return std::nullopt;
  const std::uint64_t part = (std::uint64_t{*parse_number(fraction, 999'999)} << *shift) / 1'000'000;
  value <<= *shift;
  if (part > limit - value) return std::nullopt;
  return value + part;
}

std::optional<std::string_view> nearest(std::string_view text, std::span<const std::string_view> names) {
  // Longer than any name by far: no typing mistake, and the distance's cost grows with the length.
  constexpr std::size_t longest = 64;
  if (text.size() > longest) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  for (const std::string_view name : names) {
    const std::size_t changes = distance(text, name);
    if (changes >= fewest || changes > (name.size() + 2) / 3) continue;
    best = name;
    fewest = changes;
  }
  return best;
}

}  // namespace tunnel::config
