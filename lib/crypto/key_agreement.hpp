#pragma once

#include <memory>
#include <optional>

#include "base/octets.hpp"
#include "crypto/ec_curve.hpp"
#include "crypto/secret_octets.hpp"

namespace tunnel::crypto {

/// One side of one key agreement, with a key pair of its own that is used once.
///
/// Throws std::runtime_error when libcrypto fails for a reason of its own; never for a bad value of the
/// peer's.
class key_agreement {
 public:
  key_agreement() = default;
  key_agreement(const key_agreement&) = delete;
  key_agreement& operator=(const key_agreement&) = delete;
  virtual ~key_agreement() = default;

  /// What the peer is sent: octets for curves and hybrids, the magnitude of e for Diffie-Hellman.
  [[nodiscard]] virtual octet_view public_value() const = 0;

  /// The shared secret: a magnitude without leading zero octets, or 32 octets for a hybrid.
  /// Nothing: the peer's value is one that the method's RFC forbids.
  virtual std::optional<secret_octets> agree(octet_view peer) = 0;
};

/// RFC 7748, RFC 8731: 32 octets; a result of all zeros is refused.
std::unique_ptr<key_agreement> agree_x25519();

/// RFC 5656 section 4: uncompressed points, of the curve's exact length, on the curve.
std::unique_ptr<key_agreement> agree_ecdh(ec_curve curve);

/// RFC 4253 section 8: 1 < f < p - 1; also more than 3 bits set in f. `private_bits` bounds the exponent.
/// Null: powers of this generator are values that are forbidden, as a group of the peer's own may have it.
std::unique_ptr<key_agreement> agree_dh(octet_view prime, octet_view generator, std::size_t private_bits);

/// RFC 3526's primes of 2048, 4096 and 8192 bits.
octet_view modp_group14();
octet_view modp_group16();
octet_view modp_group18();

/// Whether the libcrypto that runs has ML-KEM-768: from 3.5 on.
bool mlkem768_available();

/// draft-ietf-sshm-mlkem-hybrid-kex: 1184 octets of encapsulation key and 32 of X25519 go out, 1088 of
/// ciphertext and 32 come back; the secret is SHA-256 over both secrets.
std::unique_ptr<key_agreement> agree_mlkem768x25519();

}  // namespace tunnel::crypto
