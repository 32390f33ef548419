#pragma once

#include <string_view>

namespace tunnel::config {

/// Takes the first field of a line of known_hosts, or of a public key's, off `rest`, with the spaces and tabs
/// on both sides of it.
std::string_view next_field(std::string_view& rest);

}  // namespace tunnel::config
