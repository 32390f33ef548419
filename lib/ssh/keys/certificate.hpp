#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/octets.hpp"

namespace tunnel::ssh::keys {

/// A certificate of OpenSSH's (its PROTOCOL.certkeys): a key, what it may be used for, and a certificate
/// authority's signature over both.
struct certificate {
  enum class purpose : std::uint32_t { user = 1, host = 2 };

  /// "ssh-ed25519-cert-v01@openssh.com" and the like.
  std::string type_name;
  /// The certified key by itself (RFC 4253 section 6.6).
  octets key_blob;
  std::uint64_t serial = 0;
  purpose use = purpose::host;
  /// What the authority calls it; as it came.
  std::string key_id;
  std::vector<std::string> principals;
  /// Seconds since 1970; valid at `valid_after`, no longer at `valid_before`.
  std::uint64_t valid_after = 0;
  std::uint64_t valid_before = 0;
  std::vector<std::string> critical_options;
  octets authority_blob;
  /// The algorithm of the authority's signature.
  std::string signature_algorithm;
  /// Why the signature could not be verified: SHA-1, or a kind of key that is not taken. Empty: it was.
  std::string unverified;
};

/// "ssh-ed25519-cert-v01@openssh.com" and the like: the types that parse_certificate() takes, in ssh's order.
std::span<const std::string_view> certificate_types();

/// Reads a certificate and verifies its signature. One that nobody here could verify can still be read, since
/// the server may be known by the key inside; it holds for nothing.
///
/// Errors: errc::malformed, also when the authority's key is itself a certificate; errc::unsupported for
///   types that are not known and for keys that parse_public_key() does not take; errc::bad_signature.
result<certificate> parse_certificate(octet_view blob);

/// Whether it is for the host `name` at the time `now`, in seconds since 1970. Whether the authority is one
/// to be trusted is not looked at.
///
/// Principals are patterns, as in ssh. A certificate without any is refused, as OpenSSH 10.5 does, and so is
/// one with a critical option, since none is defined for hosts.
/// Errors: errc::not_valid, with the reason.
result<void> check_host_certificate(const certificate& shown, std::string_view name, std::uint64_t now);

}  // namespace tunnel::ssh::keys
