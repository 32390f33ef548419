#pragma once

#include <cstddef>
#include <string>

#include "base/error.hpp"
#include "config/revocation_list.hpp"

namespace tunnel::config {

/// Policy: as for known_hosts.
inline constexpr std::size_t max_revoked_keys_file = std::size_t{16} * 1024 * 1024;

/// Whether the file of RevokedHostKeys revokes the key, or the one that certifies it. The file is a binary
/// list of ssh-keygen's (revocation_list.hpp), or has public keys, one a line, as ssh-keygen writes them.
/// Blank lines and comments, with '#', are passed over.
///
/// Errors: the system's, also when there is no such file; errc::too_large; is_revoked_by_list()'s;
/// errc::malformed for a line that is no key, which may be half of a revoked one. Trust no key then.
result<bool> is_revoked(const std::string& file, const revocable_key& key);

}  // namespace tunnel::config
