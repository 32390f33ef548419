#pragma once

#include <optional>

#include "crypto/openssl.hpp"
#include "crypto/signing_key.hpp"

/// What keys must fulfil wherever they come from, for this folder alone.
namespace tunnel::crypto {

/// Nothing: it is of a kind, on a curve or of a size that SSH has no use for here.
std::optional<signing_key::kind> kind_of(const EVP_PKEY* key);

/// Whether the private half belongs to the public one, and RSA's numbers to each other. For keys that have a
/// kind.
bool is_consistent(EVP_PKEY* key);

}  // namespace tunnel::crypto
