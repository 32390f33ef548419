#pragma once

#include <array>

#include "base/octets.hpp"

/// libcrypto behind plain functions. Throws std::runtime_error when libcrypto fails, which for these
/// means that it is out of memory or misconfigured.
namespace tunnel::crypto {

using sha1_digest = std::array<octet, 20>;
using sha256_digest = std::array<octet, 32>;

/// SHA-256 (FIPS 180-4): fingerprints of keys.
sha256_digest sha256(octet_view data);

/// The digests of key exchanges and signatures (FIPS 180-4).
enum class digest_algorithm { sha256, sha384, sha512 };

octets digest(digest_algorithm algorithm, octet_view data);

/// SHA-1 (FIPS 180-4). Not for anything that an attacker may collide: OpenSSH's `%C` token names sockets
/// and files with it.
sha1_digest sha1(octet_view data);

/// HMAC-SHA-1 (RFC 2104): the form in which OpenSSH hides host names in known_hosts. Not used on the wire.
sha1_digest hmac_sha1(octet_view key, octet_view data);

}  // namespace tunnel::crypto
