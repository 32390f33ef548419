#pragma once

#include <span>

#include "base/error.hpp"
#include "base/octets.hpp"

/// That a server has the host keys which it names behind the one that the key exchange was signed by:
/// OpenSSH's PROTOCOL, section 2.5.
namespace tunnel::ssh::native {

/// What the server is asked (hostkeys-prove-00@openssh.com): the keys, behind the request's head.
octets host_keys_to_prove(std::span<const octets> keys);

/// Checks the server's answer, behind its number: for each key a signature by it over the session identifier
/// and the key itself. RSA keys must sign by rsa-sha2-256 or rsa-sha2-512. Errors: ssh/keys' errors.
result<void> check_host_key_proof(std::span<const octets> keys, octet_view session_identifier,
                                  octet_view answer);

}  // namespace tunnel::ssh::native
