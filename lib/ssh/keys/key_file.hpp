#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "ssh/keys/private_key.hpp"

namespace tunnel::ssh::keys {

/// Policy: rounds of bcrypt that are gone through for a file. ssh-keygen's default is 16 to 24; this many take
/// some ten seconds.
inline constexpr std::uint32_t max_bcrypt_rounds = 1024;

/// Reads a private key's file: openssh-key-v1 (OpenSSH's PROTOCOL.key), in clear or encrypted by aes128/192/256-ctr,
/// aes128/192/256-cbc or aes128/256-gcm@openssh.com, and PEM: PKCS#1, SEC 1 and PKCS#8.
///
/// `passphrase` may be empty. Errors: errc::wrong_passphrase when one is needed or this one is wrong,
/// errc::malformed, errc::unsupported.
result<private_key> decode_private_key(std::string_view content, const secret& passphrase);

}  // namespace tunnel::ssh::keys
