#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/octets.hpp"
#include "ssh/native/core/key_exchange.hpp"

/// A server's side of a key exchange, and the exchange hash computed by itself: nothing of lib/wire or of the
/// exchanges under test is used, so that what both had wrong would show.
namespace tunnel::ssh::native {

// RFC 4251 section 5.
octets as_uint32(std::uint32_t value);
octets as_string(octet_view data);
octets text(std::string_view value);
octets as_mpint(octet_view magnitude);
octets joined(std::initializer_list<octet_view> parts);

/// What both sides said before.
exchange_context example_context();

/// H over the parts that begin every exchange hash, what the method adds, and K (RFC 4253 section 8).
octets expected_hash(crypto::digest_algorithm algorithm, const exchange_context& context, octet_view host_key,
                     std::initializer_list<octet_view> of_method, octet_view secret);

/// A message with a host key, a value as it is encoded, and a signature.
octets reply_message(octet number, octet_view host_key, octet_view encoded_value, octet_view signature);

/// The value in a message of a number and one string or mpint.
octet_view value_in(octet_view message);
/// The same of an mpint: its magnitude.
octet_view magnitude_in(octet_view message);

}  // namespace tunnel::ssh::native
