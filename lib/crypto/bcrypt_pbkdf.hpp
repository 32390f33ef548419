#pragma once

#include <cstdint>

#include "base/octets.hpp"

namespace tunnel::crypto {

/// The key derivation of openssh-key-v1 (OpenSSH's PROTOCOL.key): PBKDF2 with bcrypt's hash in HMAC's place,
/// by D. Miller and T. Unangst. libcrypto has its block function, Blowfish, and SHA-512.
///
/// Fills `out`, at most 1,024 octets. Every round takes about 10 ms of one processor for 48 octets.
/// Throws std::invalid_argument for no passphrase, no salt, no rounds or too large an `out`.
void bcrypt_pbkdf(octet_view passphrase, octet_view salt, std::uint32_t rounds, octet_span out);

}  // namespace tunnel::crypto
