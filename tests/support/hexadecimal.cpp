#include "support/hexadecimal.hpp"

#include <stdexcept>

namespace tunnel::support {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

octet value_of(char digit) {
  const auto value = digits.find(digit);
  if (value == digits.npos) throw std::invalid_argument("no hexadecimal digit");
  return static_cast<octet>(value);
}

}  // namespace

std::string hexadecimal(octet_view data) {
  std::string text;
  for (const octet each : data) {
    text += digits[each >> 4U];
    text += digits[each & 0xfU];
  }
  return text;
}

octets from_hexadecimal(std::string_view text) {
  if (text.size() % 2 != 0) throw std::invalid_argument("half an octet");
  octets data;
  for (std::size_t i = 0; i < text.size(); i += 2)
    data.push_back(static_cast<octet>(value_of(text[i]) << 4U | value_of(text[i + 1])));
  return data;
}

}  // namespace tunnel::support
