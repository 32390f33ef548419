#pragma once

#include <string>
#include <string_view>

#include "base/octets.hpp"

namespace tunnel::support {

/// Octets as specifications print them, and back. Lower case.
std::string hexadecimal(octet_view data);
octets from_hexadecimal(std::string_view text);

}  // namespace tunnel::support
