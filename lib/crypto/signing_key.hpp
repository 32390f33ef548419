#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/octets.hpp"
#include "base/secret.hpp"
#include "crypto/digest.hpp"
#include "crypto/ec_curve.hpp"
#include "crypto/secret_octets.hpp"

struct evp_pkey_st;

namespace tunnel::crypto {

/// A private key. libcrypto wipes it when it goes. Throws std::runtime_error when libcrypto is out of memory.
class signing_key {
 public:
  enum class kind { ed25519, ecdsa_p256, ecdsa_p384, ecdsa_p521, rsa };

  /// Policy: RSA keys in bits. Below, OpenSSH loads none either; above, signing takes too long.
  static constexpr std::size_t min_rsa_bits = 1024;
  static constexpr std::size_t max_rsa_bits = 16384;

  /// RSA's numbers as openssh-key-v1 has them, as magnitudes.
  struct rsa_numbers {
    octet_view modulus;
    octet_view exponent;
    octet_view private_exponent;
    octet_view inverse_of_q;
    octet_view p;
    octet_view q;
  };

  // Each gives nothing when the parts are no key or do not belong together. Whether RSA's factors are primes
  // is not looked at: it takes long, and libcrypto looks at each signature before it gives it away.

  /// RFC 8032's seed of 32 octets.
  static std::optional<signing_key> ed25519(octet_view seed);
  static std::optional<signing_key> ecdsa(ec_curve curve, octet_view point, octet_view scalar);
  static std::optional<signing_key> rsa(const rsa_numbers& numbers);

  enum class pem_failure {
    wrong_passphrase,
    malformed,
    /// No private key's label.
    no_private_key,
    /// A key that does not fit SSH, or a cipher that libcrypto does not have.
    unsupported,
    /// Policy: its passphrase would be hashed for minutes (PBKDF2, RFC 8018) or take too much room (scrypt).
    too_costly,
  };
  struct pem_outcome;
  /// The first private key of a PEM file (RFC 7468): PKCS#1, SEC 1 and PKCS#8, in clear or encrypted.
  static pem_outcome from_pem(std::string_view text, const secret& passphrase);

  signing_key(signing_key&&) noexcept = default;
  signing_key& operator=(signing_key&&) noexcept = default;
  signing_key(const signing_key&) = delete;
  signing_key& operator=(const signing_key&) = delete;
  ~signing_key() = default;

  [[nodiscard]] kind type() const;

  /// Ed25519: the 32 octets. ECDSA: the uncompressed point. RSA: nothing; see the two below.
  [[nodiscard]] octets public_point() const;
  [[nodiscard]] octets rsa_modulus() const;
  [[nodiscard]] octets rsa_exponent() const;

  /// Ed25519: RFC 8032's seed. ECDSA: the scalar, as a magnitude. RSA: see the next.
  [[nodiscard]] secret_octets private_scalar() const;
  /// RSA's, as magnitudes.
  struct rsa_secret_numbers {
    secret_octets private_exponent;
    secret_octets inverse_of_q;
    secret_octets p;
    secret_octets q;
  };
  [[nodiscard]] rsa_secret_numbers rsa_secrets() const;

  /// Ed25519: 64 octets, `digest` is not used. RSA: PKCS#1 v1.5. ECDSA: DER; see split_ecdsa().
  [[nodiscard]] octets sign(digest_algorithm digest, octet_view data) const;

  struct ecdsa_parts {
    octets r;
    octets s;
  };
  /// The numbers of an ECDSA signature that sign() made, as magnitudes.
  static ecdsa_parts split_ecdsa(octet_view der);

 private:
  struct deleter {
    void operator()(evp_pkey_st* key) const;
  };

  explicit signing_key(evp_pkey_st* key) : key_(key) {}

  std::unique_ptr<evp_pkey_st, deleter> key_;
};

struct signing_key::pem_outcome {
  std::optional<signing_key> key;
  /// When there is no key.
  pem_failure failure = pem_failure::malformed;
};

}  // namespace tunnel::crypto
