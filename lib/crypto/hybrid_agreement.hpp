#pragma once

#include <cstddef>
#include <memory>

#include "base/octets.hpp"
#include "crypto/key_agreement.hpp"
#include "crypto/openssl.hpp"
#include "crypto/secret_octets.hpp"

/// The parts of a hybrid of a key encapsulation mechanism and a curve. For this folder and its tests, which
/// put another mechanism in the place of the one that libcrypto may lack.
namespace tunnel::crypto {

/// The own key pair of a key encapsulation mechanism (FIPS 203 section 3), used once.
class decapsulation_key {
 public:
  decapsulation_key() = default;
  decapsulation_key(const decapsulation_key&) = delete;
  decapsulation_key& operator=(const decapsulation_key&) = delete;
  virtual ~decapsulation_key() = default;

  /// What the peer encapsulates its secret with.
  [[nodiscard]] virtual octets encapsulation_key() const = 0;

  /// In octets, of each ciphertext.
  [[nodiscard]] virtual std::size_t ciphertext_size() const = 0;

  /// The secret in a ciphertext of that size. One that was made with another key gives another secret, never
  /// an error (FIPS 203 section 6.3).
  [[nodiscard]] virtual secret_octets decapsulate(octet_view ciphertext) const = 0;
};

/// ML-KEM-768 with this key of libcrypto's: 1184 octets of encapsulation key, 1088 of ciphertext.
std::unique_ptr<decapsulation_key> ml_kem_768(pkey_ptr key);

/// draft-ietf-sshm-mlkem-hybrid-kex section 2: what goes out is the encapsulation key and the curve's value,
/// what comes back a ciphertext and the curve's value, both of their exact lengths; the secret is SHA-256
/// over both secrets, in that order.
std::unique_ptr<key_agreement> agree_hybrid(std::unique_ptr<decapsulation_key> mechanism,
                                            std::unique_ptr<key_agreement> curve);

}  // namespace tunnel::crypto
