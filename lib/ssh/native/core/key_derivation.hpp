#pragma once

#include "crypto/secret_octets.hpp"
#include "ssh/native/core/key_exchange.hpp"

namespace tunnel::ssh::native {

/// HASH(K || H || letter || session identifier), continued until it has `size` octets (RFC 4253 section 7.2).
crypto::secret_octets derive_key(const exchange_outcome& from, octet_view session_identifier, char letter,
                                 std::size_t size);

}  // namespace tunnel::ssh::native
