#include "crypto/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace tunnel::crypto {
namespace {

// libcrypto counts in int; both functions stay below it with room for the growth by a third.
constexpr std::size_t max_input = std::numeric_limits<int>::max() / 2;

bool in_alphabet(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

std::size_t padding_of(std::string_view text) {
  if (text.ends_with("==")) return 2;
  return text.ends_with('=') ? 1 : 0;
}

}  // namespace

std::string base64_encode(octet_view data) {
  if (data.size() > max_input) throw std::length_error("too much to encode in base64");
  // One more than the text: libcrypto ends it with a NUL.
  std::string text((data.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<octet*>(text.data()), data.data(), static_cast<int>(data.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<octets> base64_decode(std::string_view text) {
  if (text.empty()) return octets{};
  if (text.size() % 4 != 0 || text.size() > max_input) return std::nullopt;
  const std::size_t padding = padding_of(text);
  if (!std::ranges::all_of(text.substr(0, text.size() - padding), in_alphabet)) return std::nullopt;

  octets data(text.size() / 4 * 3);
  if (EVP_DecodeBlock(data.data(), as_octets(text).data(), static_cast<int>(text.size())) < 0)
    return std::nullopt;
  // The octets that padding stands for come out as what the unused bits spell: zero, or it is no encoding.
  const auto unused = std::span(data).last(padding);
  if (!std::ranges::all_of(unused, [](octet value) { return value == 0; })) return std::nullopt;
  data.resize(data.size() - padding);
  return data;
}

}  // namespace tunnel::crypto
