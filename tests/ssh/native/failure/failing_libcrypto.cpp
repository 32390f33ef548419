#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>

#include <cstdarg>
#include <string_view>

#include "fail_nth.hpp"

namespace tunnel::ssh::native {

namespace {

int failure = 0;

}  // namespace

fail_nth& libcrypto_calls() {
  static constinit fail_nth instance;
  return instance;
}

void set_libcrypto_failure(int value) {
  failure = value;
}

}  // namespace tunnel::ssh::native

// The linker's --wrap leads each call here. The functions of libcrypto that lib/crypto calls on the way of a
// connection and that can fail.

using tunnel::ssh::native::libcrypto_calls;

#define WRAP(type, failed, name, parameters, arguments)                \
  extern "C" type __real_##name parameters;                            \
  extern "C" type __wrap_##name parameters;                            \
  extern "C" type __wrap_##name parameters {                           \
    return libcrypto_calls().now() ? failed : __real_##name arguments; \
  }
#define WRAP_INT(name, parameters, arguments) \
  WRAP(int, tunnel::ssh::native::failure, name, parameters, arguments)
#define WRAP_POINTER(type, name, parameters, arguments) WRAP(type*, nullptr, name, parameters, arguments)

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names.

WRAP_POINTER(EVP_CIPHER_CTX, EVP_CIPHER_CTX_new, (), ())
WRAP_INT(EVP_EncryptInit_ex,
         (EVP_CIPHER_CTX * context, const EVP_CIPHER* type, ENGINE* engine, const unsigned char* key,
          const unsigned char* iv),
         (context, type, engine, key, iv))
WRAP_INT(EVP_DecryptInit_ex,
         (EVP_CIPHER_CTX * context, const EVP_CIPHER* type, ENGINE* engine, const unsigned char* key,
          const unsigned char* iv),
         (context, type, engine, key, iv))
WRAP_INT(EVP_CipherInit_ex,
         (EVP_CIPHER_CTX * context, const EVP_CIPHER* type, ENGINE* engine, const unsigned char* key,
          const unsigned char* iv, int encrypts),
         (context, type, engine, key, iv, encrypts))
WRAP_INT(EVP_EncryptUpdate,
         (EVP_CIPHER_CTX * context, unsigned char* out, int* size, const unsigned char* in, int count),
         (context, out, size, in, count))
WRAP_INT(EVP_DecryptUpdate,
         (EVP_CIPHER_CTX * context, unsigned char* out, int* size, const unsigned char* in, int count),
         (context, out, size, in, count))
WRAP_INT(EVP_CipherUpdate,
         (EVP_CIPHER_CTX * context, unsigned char* out, int* size, const unsigned char* in, int count),
         (context, out, size, in, count))
WRAP_INT(EVP_EncryptFinal_ex, (EVP_CIPHER_CTX * context, unsigned char* out, int* size), (context, out, size))
WRAP_INT(EVP_DecryptFinal_ex, (EVP_CIPHER_CTX * context, unsigned char* out, int* size), (context, out, size))
WRAP_INT(EVP_CIPHER_CTX_ctrl, (EVP_CIPHER_CTX * context, int type, int argument, void* pointer),
         (context, type, argument, pointer))

WRAP_POINTER(EVP_MAC, EVP_MAC_fetch, (OSSL_LIB_CTX * library, const char* name, const char* properties),
             (library, name, properties))
WRAP_POINTER(EVP_MAC_CTX, EVP_MAC_CTX_new, (EVP_MAC * mac), (mac))
WRAP_INT(EVP_MAC_init,
         (EVP_MAC_CTX * context, const unsigned char* key, size_t size, const OSSL_PARAM* parameters),
         (context, key, size, parameters))
WRAP_INT(EVP_MAC_update, (EVP_MAC_CTX * context, const unsigned char* data, size_t size),
         (context, data, size))
WRAP_INT(EVP_MAC_final, (EVP_MAC_CTX * context, unsigned char* out, size_t* size, size_t room),
         (context, out, size, room))

WRAP_INT(EVP_Digest,
         (const void* data, size_t size, unsigned char* out, unsigned int* out_size, const EVP_MD* type,
          ENGINE* engine),
         (data, size, out, out_size, type, engine))
WRAP_POINTER(EVP_MD_CTX, EVP_MD_CTX_new, (), ())
WRAP_INT(EVP_DigestVerifyInit,
         (EVP_MD_CTX * context, EVP_PKEY_CTX** key_context, const EVP_MD* type, ENGINE* engine,
          EVP_PKEY* key),
         (context, key_context, type, engine, key))
WRAP_INT(EVP_DigestVerify,
         (EVP_MD_CTX * context, const unsigned char* signature, size_t signature_size,
          const unsigned char* data, size_t size),
         (context, signature, signature_size, data, size))

WRAP_INT(EVP_PKEY_derive_init, (EVP_PKEY_CTX * context), (context))
WRAP_INT(EVP_PKEY_derive_set_peer, (EVP_PKEY_CTX * context, EVP_PKEY* peer), (context, peer))
WRAP_INT(EVP_PKEY_derive, (EVP_PKEY_CTX * context, unsigned char* key, size_t* size), (context, key, size))
WRAP_POINTER(EVP_PKEY_CTX, EVP_PKEY_CTX_new, (EVP_PKEY * key, ENGINE* engine), (key, engine))
WRAP_POINTER(EVP_PKEY_CTX, EVP_PKEY_CTX_new_from_name,
             (OSSL_LIB_CTX * library, const char* name, const char* properties), (library, name, properties))
WRAP_POINTER(EVP_PKEY, EVP_PKEY_new, (), ())
WRAP_POINTER(EVP_PKEY, EVP_PKEY_new_raw_public_key,
             (int type, ENGINE* engine, const unsigned char* key, size_t size), (type, engine, key, size))
WRAP_INT(EVP_PKEY_copy_parameters, (EVP_PKEY * to, const EVP_PKEY* from), (to, from))
WRAP_INT(EVP_PKEY_set1_encoded_public_key, (EVP_PKEY * key, const unsigned char* data, size_t size),
         (key, data, size))
WRAP(size_t, 0, EVP_PKEY_get1_encoded_public_key, (EVP_PKEY * key, unsigned char** data), (key, data))
WRAP_INT(EVP_PKEY_fromdata_init, (EVP_PKEY_CTX * context), (context))
WRAP_INT(EVP_PKEY_fromdata, (EVP_PKEY_CTX * context, EVP_PKEY** key, int selection, OSSL_PARAM* parameters),
         (context, key, selection, parameters))
WRAP_POINTER(OSSL_PARAM_BLD, OSSL_PARAM_BLD_new, (), ())
WRAP_POINTER(OSSL_PARAM, OSSL_PARAM_BLD_to_param, (OSSL_PARAM_BLD * builder), (builder))
WRAP_INT(OSSL_PARAM_BLD_push_BN, (OSSL_PARAM_BLD * builder, const char* key, const BIGNUM* number),
         (builder, key, number))
WRAP_POINTER(ECDSA_SIG, ECDSA_SIG_new, (), ())
WRAP_INT(ECDSA_SIG_set0, (ECDSA_SIG * signature, BIGNUM* r, BIGNUM* s), (signature, r, s))
WRAP_INT(i2d_ECDSA_SIG, (const ECDSA_SIG* signature, unsigned char** out), (signature, out))

WRAP_POINTER(BIGNUM, BN_bin2bn, (const unsigned char* data, int size, BIGNUM* to), (data, size, to))
WRAP_POINTER(BIGNUM, BN_dup, (const BIGNUM* number), (number))
WRAP_POINTER(BIGNUM, BN_secure_new, (), ())
WRAP_POINTER(BN_CTX, BN_CTX_secure_new, (), ())
WRAP_INT(BN_priv_rand, (BIGNUM * number, int bits, int top, int bottom), (number, bits, top, bottom))
WRAP_INT(BN_sub_word, (BIGNUM * number, BN_ULONG word), (number, word))
WRAP_INT(BN_mod_exp_mont_consttime,
         (BIGNUM * power, const BIGNUM* base, const BIGNUM* exponent, const BIGNUM* modulus, BN_CTX* context,
          BN_MONT_CTX* montgomery),
         (power, base, exponent, modulus, context, montgomery))
// The curve's name follows the type, or nothing does.
extern "C" EVP_PKEY* __real_EVP_PKEY_Q_keygen(OSSL_LIB_CTX* library, const char* properties, const char* type,
                                              ...);
extern "C" EVP_PKEY* __wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX* library, const char* properties, const char* type,
                                              ...);
extern "C" EVP_PKEY* __wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX* library, const char* properties, const char* type,
                                              ...) {
  if (libcrypto_calls().now()) return nullptr;
  if (std::string_view(type) != "EC") return __real_EVP_PKEY_Q_keygen(library, properties, type);
  va_list rest;
  va_start(rest, type);
  const char* const curve = va_arg(rest, const char*);
  va_end(rest);
  return __real_EVP_PKEY_Q_keygen(library, properties, type, curve);
}

WRAP_INT(RAND_bytes, (unsigned char* data, int size), (data, size))

// NOLINTEND(bugprone-reserved-identifier)
