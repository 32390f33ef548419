#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "ssh/keys/private_key.hpp"

namespace tunnel::ssh::keys {

inline constexpr std::string_view openssh_key_begin = "-----BEGIN OPENSSH PRIVATE KEY-----";
inline constexpr std::string_view openssh_key_end = "-----END OPENSSH PRIVATE KEY-----";

/// decode_private_key() for openssh-key-v1.
result<private_key> decode_openssh_key(std::string_view content, const secret& passphrase,
                                       std::uint32_t bcrypt_rounds);

}  // namespace tunnel::ssh::keys
