#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "ssh/keys/private_key.hpp"

namespace tunnel::ssh::keys {

/// Policy: the longest file looked at, in octets. Real ones stay below 16 KiB.
inline constexpr std::size_t max_private_key_file = std::size_t{1024} * 1024;

/// Policy: rounds of bcrypt that are gone through for a file. ssh-keygen's default is 16 to 24; this many
/// take some ten seconds.
inline constexpr std::uint32_t max_bcrypt_rounds = 1024;

/// Reads a private key's file: openssh-key-v1 (OpenSSH's PROTOCOL.key), in clear or encrypted by
/// aes128/192/256-ctr, aes128/192/256-cbc or aes128/256-gcm@openssh.com, and PEM: PKCS#1, SEC 1 and PKCS#8.
///
/// `passphrase` may be empty. Errors: errc::wrong_passphrase when one is needed or this one is wrong,
/// errc::malformed, errc::unsupported, each with a sentence; errc::unsupported also for files that ask for
/// more than `bcrypt_rounds` of bcrypt, or for as much of another derivation of keys.
result<private_key> decode_private_key(std::string_view content, const secret& passphrase,
                                       std::uint32_t bcrypt_rounds = max_bcrypt_rounds);

}  // namespace tunnel::ssh::keys
