#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/octets.hpp"

namespace tunnel::crypto {

/// RFC 4648 §4: the standard alphabet, with padding, on one line.
std::string base64_encode(octet_view data);

/// The reverse. Nothing for an octet outside the alphabet (white space included), a length that is no
/// multiple of four, padding that is missing or not at the end, or a last group whose unused bits are set.
std::optional<octets> base64_decode(std::string_view text);

}  // namespace tunnel::crypto
