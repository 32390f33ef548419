#include "config/ip_qos.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "config/values.hpp"

namespace tunnel::config {
namespace {

struct known_value {
  std::string_view name;
  type_of_service value;
};

// RFC 2597, RFC 2474, RFC 3246, RFC 8622; then the older meaning of the octet (RFC 1349).
constexpr auto known_values = std::to_array<known_value>({
    {"af11", 0x28}, {"af12", 0x30}, {"af13", 0x38},     {"af21", 0x48},       {"af22", 0x50},
    {"af23", 0x58}, {"af31", 0x68}, {"af32", 0x70},     {"af33", 0x78},       {"af41", 0x88},
    {"af42", 0x90}, {"af43", 0x98}, {"cs0", 0x00},      {"cs1", 0x20},        {"cs2", 0x40},
    {"cs3", 0x60},  {"cs4", 0x80},  {"cs5", 0xa0},      {"cs6", 0xc0},        {"cs7", 0xe0},
    {"ef", 0xb8},   {"le", 0x04},   {"lowdelay", 0x10}, {"throughput", 0x08}, {"reliability", 0x04},
});

constexpr unsigned max_octet = 255;

std::optional<type_of_service> parse_octet(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.starts_with('0')) {
    base = 8;
  }
  unsigned value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  const bool whole = problem == std::errc() && end == text.data() + text.size();
  if (!whole || value > max_octet) return std::nullopt;
  return static_cast<type_of_service>(value);
}

}  // namespace

std::optional<type_of_service> parse_type_of_service(std::string_view text) {
  if (equals_ignoring_case(text, "none")) return system_service;
  for (const known_value& known : known_values) {
    if (equals_ignoring_case(text, known.name)) return known.value;
  }
  return parse_octet(text);
}

std::string name_of(type_of_service value) {
  if (value == system_service) return "none";
  const auto known = std::ranges::find(known_values, value, &known_value::value);
  if (known != known_values.end()) return std::string(known->name);
  constexpr std::string_view digits = "0123456789abcdef";
  const auto octet = static_cast<unsigned>(value) & max_octet;
  return {'0', 'x', digits[octet >> 4U], digits[octet & 0x0fU]};
}

}  // namespace tunnel::config
