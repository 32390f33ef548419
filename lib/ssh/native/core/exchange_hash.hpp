#pragma once

#include "ssh/native/core/key_exchange.hpp"

namespace tunnel::ssh::native {

/// V_C to K_S of what H is computed over (RFC 4253 section 8).
octets begin_exchange_hash(const exchange_context& context, octet_view host_key);

/// Appends K to `hashed` and makes H of it.
exchange_outcome finish_exchange(crypto::digest_algorithm hash, octets hashed,
                                 crypto::secret_octets shared_secret, octet_view host_key,
                                 octet_view signature);

error unexpected_kex_message(octet_view payload);
error malformed_kex_reply();
error forbidden_kex_value();

}  // namespace tunnel::ssh::native
