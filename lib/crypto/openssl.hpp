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
#include <utility>

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

inline bignum_ptr to_bignum(octet_view magnitude) {
  bignum_ptr value(BN_bin2bn(magnitude.data(), static_cast<int>(magnitude.size()), nullptr));
  require(value != nullptr, "read a number");
  return value;
}

/// The magnitude, without leading zeros.
inline octets to_octets(const BIGNUM* value) {
  octets magnitude(static_cast<std::size_t>(BN_num_bytes(value)));
  BN_bn2bin(value, magnitude.data());
  return magnitude;
}

using param_builder = std::unique_ptr<OSSL_PARAM_BLD, openssl_deleter<OSSL_PARAM_BLD_free>>;

/// Makes a key of its parts: `selection` is EVP_PKEY_PUBLIC_KEY or EVP_PKEY_KEYPAIR. Null: they are none.
inline pkey_ptr key_from_parts(const char* type, int selection, OSSL_PARAM_BLD* parts) {
  const std::unique_ptr<OSSL_PARAM, openssl_deleter<OSSL_PARAM_free>> built(OSSL_PARAM_BLD_to_param(parts));
  const pkey_ctx_ptr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  require(built != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1, "make a key");
  EVP_PKEY* key = nullptr;
  const bool made = EVP_PKEY_fromdata(context.get(), &key, selection, built.get()) == 1;
  pkey_ptr owner(key);
  ERR_clear_error();
  return made ? std::move(owner) : nullptr;
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
