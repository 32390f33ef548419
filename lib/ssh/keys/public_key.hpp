#pragma once

#include <cstddef>
#include <string>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "crypto/verification_key.hpp"

namespace tunnel::ssh::keys {

/// A public key that can verify signatures.
struct public_key {
  /// "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa", ...
  std::string type;
  crypto::verification_key key;
  /// What a security key signs for, "ssh:" as a rule (OpenSSH's PROTOCOL.u2f). Empty for other types.
  std::string application = {};
};

/// Reads a public key's octets (RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709 section 4; OpenSSH's
/// PROTOCOL.u2f for the types that begin with "sk-", which are users' and authorities', not hosts').
/// Errors: errc::malformed, also for what follows the key; errc::unsupported for other types, RSA keys
///   that are too small or too large among them.
result<public_key> parse_public_key(octet_view blob);

/// How long the modulus of an RSA key is, in bits; 0 for other keys, certificates, and what is no key.
std::size_t rsa_bits(octet_view blob);

/// "it has 1024 bits, and RequiredRSASize wants 2048"
std::string too_short(std::size_t bits, std::size_t required);

}  // namespace tunnel::ssh::keys
