#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "base/octets.hpp"
#include "crypto/digest.hpp"
#include "crypto/ec_curve.hpp"

/// Owners of libcrypto's objects, for this folder alone.
namespace tunnel::crypto {

template <auto Free>
struct openssl_deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using pkey_ptr = std::unique_ptr<EVP_PKEY, openssl_deleter<EVP_PKEY_free>>;
using pkey_ctx_ptr = std::unique_ptr<EVP_PKEY_CTX, openssl_deleter<EVP_PKEY_CTX_free>>;
using bignum_ptr = std::unique_ptr<BIGNUM, openssl_deleter<BN_clear_free>>;
using bn_ctx_ptr = std::unique_ptr<BN_CTX, openssl_deleter<BN_CTX_free>>;
using cipher_ctx_ptr = std::unique_ptr<EVP_CIPHER_CTX, openssl_deleter<EVP_CIPHER_CTX_free>>;
using mac_ptr = std::unique_ptr<EVP_MAC, openssl_deleter<EVP_MAC_free>>;
using mac_ctx_ptr = std::unique_ptr<EVP_MAC_CTX, openssl_deleter<EVP_MAC_CTX_free>>;
using md_ctx_ptr = std::unique_ptr<EVP_MD_CTX, openssl_deleter<EVP_MD_CTX_free>>;

// OPENSSL_free is a macro.
inline void free_octets(unsigned char* data) {
  OPENSSL_free(data);
}
/// Octets that libcrypto allocated.
using encoding_ptr = std::unique_ptr<unsigned char, openssl_deleter<free_octets>>;

/// For what fails only when libcrypto is out of memory or misconfigured.
inline void require(bool succeeded, const char* what) {
  if (succeeded) return;
  ERR_clear_error();
  throw std::runtime_error(std::string("libcrypto could not ") + what);
}

/// A curve's point as it goes over the wire: uncompressed, or X25519's octets.
inline octets encoded_public_key(EVP_PKEY* key) {
  unsigned char* data = nullptr;
  const std::size_t size = EVP_PKEY_get1_encoded_public_key(key, &data);
  const encoding_ptr owner(data);
  require(size != 0, "encode a public key");
  return {data, data + size};
}

inline const EVP_MD* message_digest(digest_algorithm algorithm) {
  switch (algorithm) {
    case digest_algorithm::sha256:
      return EVP_sha256();
    case digest_algorithm::sha384:
      return EVP_sha384();
    case digest_algorithm::sha512:
      return EVP_sha512();
  }
  throw std::logic_error("unknown digest");
}

/// libcrypto's name for a curve.
inline const char* group_name(ec_curve curve) {
  switch (curve) {
    case ec_curve::p256:
      return "P-256";
    case ec_curve::p384:
      return "P-384";
    case ec_curve::p521:
      return "P-521";
  }
  throw std::logic_error("unknown curve");
}

}  // namespace tunnel::crypto
