#pragma once

#include <string>

#include "base/octets.hpp"

namespace tunnel::config {

/// `SHA256:` and the base64 of the key blob's SHA-256 without padding, as ssh shows keys to people.
std::string fingerprint(octet_view key_blob);

}  // namespace tunnel::config
