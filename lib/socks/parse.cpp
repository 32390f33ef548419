#include "parse.hpp"

#include <algorithm>

namespace tunnel::socks {

bool is_clean_name(std::string_view name) {
  return std::none_of(name.begin(), name.end(), [](char c) {
    const auto value = static_cast<octet>(c);
    return value < 0x20 || value == 0x7f;
  });
}

std::string hexadecimal(octet value) {
  constexpr std::string_view digits = "0123456789abcdef";
  return {'0', 'x', digits[value >> 4], digits[value & 0xf]};
}

}  // namespace tunnel::socks
