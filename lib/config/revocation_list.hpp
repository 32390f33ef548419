#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/octets.hpp"

namespace tunnel::config {

/// A key that may be revoked, by itself or in what certifies it. Views, which their owner keeps.
struct revocable_key {
  struct certification {
    octet_view authority_blob = {};
    std::uint64_t serial = 0;
    std::string_view key_id = {};
  };

  /// Of a certificate, the certified key.
  octet_view blob = {};
  std::optional<certification> certified = {};
};

/// Whether `data` is a binary revocation list of OpenSSH's.
bool is_revocation_list(octet_view data);

/// Whether such a list, a KRL (OpenSSH's PROTOCOL.krl), revokes the key: by itself, by its digest, by its
/// certificate's serial number or id, or by the authority's key. A serial number of 0 is none, as in OpenSSH.
/// Signatures of lists are passed over, since a list counts for where it lies.
///
/// Errors: errc::malformed, also for a later format and for critical extensions. Trust no key then.
result<bool> is_revoked_by_list(octet_view data, const revocable_key& key);

}  // namespace tunnel::config
