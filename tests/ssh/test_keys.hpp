#pragma once

#include <string>

#include "base/octets.hpp"

namespace tunnel::ssh {

/// A public key that looks like an ssh-ed25519 one (RFC 8709 section 4) and belongs to nobody; different tags
/// give different keys.
octets key_blob(octet tag);

/// "ssh-ed25519 <base64>", as public key files and known_hosts have it.
std::string key_text(octet tag);

}  // namespace tunnel::ssh
