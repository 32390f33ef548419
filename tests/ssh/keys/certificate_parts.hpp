#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/octets.hpp"
#include "ssh/keys/private_key.hpp"

namespace tunnel::ssh::keys {

/// An Ed25519 key; different tags give different keys.
private_key ed25519_key(octet tag);

/// The fields of a public key's blob, behind its type.
octets fields_of(octet_view public_blob);

/// Strings one behind the other, as certificates hold principals and options.
octets packed(const std::vector<std::string>& strings);

/// A host certificate (OpenSSH's PROTOCOL.certkeys), built from its parts, each of which a test can get
/// wrong.
struct certificate_parts {
  std::string type = "ssh-ed25519-cert-v01@openssh.com";
  octets nonce = octets(32, 1);
  octets key = fields_of(ed25519_key(1).public_blob());
  std::uint64_t serial = 42;
  std::uint32_t use = 2;
  std::string key_id = "an id";
  octets principals = packed({"server.example"});
  std::uint64_t valid_after = 1000;
  std::uint64_t valid_before = 2000;
  octets critical_options;
  octets extensions;
  octets reserved;
  octets authority = ed25519_key(9).public_blob();

  /// With a signature by ed25519_key(9), whatever `authority` is.
  [[nodiscard]] octets blob() const;
  [[nodiscard]] octets blob(const private_key& signer, const std::string& algorithm) const;
  /// What is signed.
  [[nodiscard]] octets to_be_signed() const;
};

}  // namespace tunnel::ssh::keys
