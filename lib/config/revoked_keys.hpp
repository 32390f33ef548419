#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/error.hpp"
#include "base/octets.hpp"

namespace tunnel::config {

/// Policy: as for known_hosts.
inline constexpr std::size_t max_revoked_keys_file = std::size_t{16} * 1024 * 1024;

/// Whether the file of RevokedHostKeys names one of the keys: public keys, one a line, as ssh-keygen writes
/// them. Lines that are no key are passed over, as in ssh.
///
/// Errors: the system's, also when there is no such file; errc::too_large; errc::malformed for ssh-keygen's
/// binary lists (KRL), which are not understood here. Trust no key then.
result<bool> is_revoked(const std::string& file, std::span<const octet_view> key_blobs);

}  // namespace tunnel::config
