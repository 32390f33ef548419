#pragma once

#include <memory>
#include <optional>

#include "base/octets.hpp"
#include "crypto/digest.hpp"
#include "crypto/ec_curve.hpp"

struct evp_pkey_st;

namespace tunnel::crypto {

/// A public key that signatures are verified with. Throws std::runtime_error when libcrypto is out of memory;
/// any other failure of its counts as "not verified".
class verification_key {
 public:
  /// Policy: RSA keys in bits. Below, they can be broken; above, verifying takes too long (RFC 9142 and
  /// OpenSSH draw the same lines).
  static constexpr std::size_t min_rsa_bits = 2048;
  static constexpr std::size_t max_rsa_bits = 16384;

  // Each gives nothing when the parts are no key that may be used.

  /// RFC 8032: 32 octets.
  static std::optional<verification_key> ed25519(octet_view point);
  /// SEC 1: an uncompressed point on the curve.
  static std::optional<verification_key> ecdsa(ec_curve curve, octet_view point);
  /// Magnitudes of the modulus and the public exponent.
  static std::optional<verification_key> rsa(octet_view modulus, octet_view exponent);

  verification_key(verification_key&&) noexcept = default;
  verification_key& operator=(verification_key&&) noexcept = default;
  verification_key(const verification_key&) = delete;
  verification_key& operator=(const verification_key&) = delete;
  ~verification_key() = default;

  /// Ed25519: 64 octets.
  [[nodiscard]] bool verify_ed25519(octet_view data, octet_view signature) const;
  /// Magnitudes of r and s.
  [[nodiscard]] bool verify_ecdsa(digest_algorithm digest, octet_view data, octet_view r, octet_view s) const;
  /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2); leading zeros may be missing.
  [[nodiscard]] bool verify_rsa(digest_algorithm digest, octet_view data, octet_view signature) const;

 private:
  struct deleter {
    void operator()(evp_pkey_st* key) const;
  };

  explicit verification_key(evp_pkey_st* key) : key_(key) {}

  [[nodiscard]] bool verify(const digest_algorithm* digest, octet_view data, octet_view signature) const;

  std::unique_ptr<evp_pkey_st, deleter> key_;
};

}  // namespace tunnel::crypto
