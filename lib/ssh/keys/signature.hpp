#pragma once

#include <span>
#include <string_view>

#include "base/error.hpp"
#include "base/octets.hpp"

namespace tunnel::ssh::keys {

/// Checks that `signature` (RFC 4253 section 6.6: an algorithm's name and its octets) over `data` was made
/// with `algorithm` by the key in `key_blob`, which is no certificate.
///
/// Algorithms: ssh-ed25519 (RFC 8709), ecdsa-sha2-nistp256/384/521 (RFC 5656), rsa-sha2-256/512 (RFC 8332);
/// for certificate authorities also those of security keys (OpenSSH's PROTOCOL.u2f).
/// Errors: errc::malformed, errc::unsupported, errc::bad_signature.
result<void> verify_signature(std::string_view algorithm, octet_view key_blob, octet_view data,
                              octet_view signature);

/// The algorithms that verify_signature() takes, in ssh's order.
std::span<const std::string_view> signature_algorithms();

/// The format of the keys that an algorithm uses: "rsa-sha2-512" -> "ssh-rsa", and the same for certificates,
/// "rsa-sha2-512-cert-v01@openssh.com" -> "ssh-rsa-cert-v01@openssh.com"; most have the same name.
std::string_view key_type_of(std::string_view algorithm);

/// "rsa-sha2-512-cert-v01@openssh.com" -> "rsa-sha2-512": what a signature by a certificate's key names.
std::string_view plain_algorithm(std::string_view algorithm);

bool is_certificate_algorithm(std::string_view algorithm);

}  // namespace tunnel::ssh::keys
