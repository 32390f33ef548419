#include "crypto/signing_key.hpp"

#include <openssl/ecdsa.h>

#include <algorithm>

#include "crypto/key_checks.hpp"
#include "crypto/openssl.hpp"

namespace tunnel::crypto {

namespace {

using ecdsa_signature = std::unique_ptr<ECDSA_SIG, openssl_deleter<ECDSA_SIG_free>>;

constexpr std::size_t ed25519_seed = 32;

bignum_ptr to_secret_bignum(octet_view magnitude) {
  bignum_ptr value(BN_secure_new());
  require(value != nullptr &&
              BN_bin2bn(magnitude.data(), static_cast<int>(magnitude.size()), value.get()) != nullptr,
          "read a number");
  return value;
}

// Null: the parts are no key, or do not belong together.
pkey_ptr pair_from_parts(const char* type, OSSL_PARAM_BLD* parts) {
  auto key = key_from_parts(type, EVP_PKEY_KEYPAIR, parts);
  const bool sound = key != nullptr && kind_of(key.get()) && is_consistent(key.get());
  ERR_clear_error();
  return sound ? std::move(key) : nullptr;
}

octets bignum_param(const EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  require(EVP_PKEY_get_bn_param(key, name, &value) == 1, "read a key's number");
  const bignum_ptr owner(value);
  return to_octets(owner.get());
}

secret_octets secret_bignum_param(const EVP_PKEY* key, const char* name) {
  const bignum_ptr value(BN_secure_new());
  BIGNUM* into = value.get();
  require(value != nullptr && EVP_PKEY_get_bn_param(key, name, &into) == 1, "read a key's number");
  return secret_octets(to_octets(value.get()));
}

}  // namespace

void signing_key::deleter::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

std::optional<signing_key> signing_key::ed25519(octet_view seed) {
  if (seed.size() != ed25519_seed) return std::nullopt;
  EVP_PKEY* const key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size());
  require(key != nullptr, "make an Ed25519 key");
  return signing_key(key);
}

std::optional<signing_key> signing_key::ecdsa(ec_curve curve, octet_view point, octet_view scalar) {
  const auto number = to_secret_bignum(scalar);
  const param_builder parts(OSSL_PARAM_BLD_new());
  require(parts != nullptr &&
              OSSL_PARAM_BLD_push_utf8_string(parts.get(), OSSL_PKEY_PARAM_GROUP_NAME, group_name(curve),
                                              0) == 1 &&
              OSSL_PARAM_BLD_push_octet_string(parts.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                               point.size()) == 1 &&
              OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) == 1,
          "describe a key");
  auto key = pair_from_parts("EC", parts.get());
  if (key == nullptr) return std::nullopt;
  return signing_key(key.release());
}

std::optional<signing_key> signing_key::rsa(const rsa_numbers& numbers) {
  // Before anything is computed with them.
  for (const auto& number : {numbers.modulus, numbers.exponent, numbers.private_exponent,
                             numbers.inverse_of_q, numbers.p, numbers.q})
    if (number.size() > max_rsa_bits / 8) return std::nullopt;
  const bn_ctx_ptr context(BN_CTX_secure_new());
  const auto n = to_secret_bignum(numbers.modulus);
  const auto e = to_secret_bignum(numbers.exponent);
  const auto d = to_secret_bignum(numbers.private_exponent);
  const auto p = to_secret_bignum(numbers.p);
  const auto q = to_secret_bignum(numbers.q);
  const auto inverse = to_secret_bignum(numbers.inverse_of_q);
  if (BN_cmp(p.get(), BN_value_one()) <= 0 || BN_cmp(q.get(), BN_value_one()) <= 0) return std::nullopt;
  // The file leaves out d modulo p - 1 and q - 1.
  const auto reduced = [&](const BIGNUM* prime) {
    bignum_ptr less(BN_secure_new());
    bignum_ptr remainder(BN_secure_new());
    require(context != nullptr && less != nullptr && remainder != nullptr &&
                BN_sub(less.get(), prime, BN_value_one()) == 1,
            "subtract");
    BN_set_flags(d.get(), BN_FLG_CONSTTIME);
    require(BN_mod(remainder.get(), d.get(), less.get(), context.get()) == 1, "divide");
    return remainder;
  };
  const auto d_p = reduced(p.get());
  const auto d_q = reduced(q.get());
  const param_builder parts(OSSL_PARAM_BLD_new());
  const auto push = [&](const char* name, const bignum_ptr& value) {
    return OSSL_PARAM_BLD_push_BN(parts.get(), name, value.get()) == 1;
  };
  require(parts != nullptr && push(OSSL_PKEY_PARAM_RSA_N, n) && push(OSSL_PKEY_PARAM_RSA_E, e) &&
              push(OSSL_PKEY_PARAM_RSA_D, d) && push(OSSL_PKEY_PARAM_RSA_FACTOR1, p) &&
              push(OSSL_PKEY_PARAM_RSA_FACTOR2, q) && push(OSSL_PKEY_PARAM_RSA_EXPONENT1, d_p) &&
              push(OSSL_PKEY_PARAM_RSA_EXPONENT2, d_q) && push(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, inverse),
          "describe a key");
  auto key = pair_from_parts("RSA", parts.get());
  if (key == nullptr) return std::nullopt;
  return signing_key(key.release());
}

signing_key::kind signing_key::type() const {
  return kind_of(key_.get()).value();
}

octets signing_key::public_point() const {
  if (type() == kind::ed25519) {
    octets point(ed25519_seed);
    std::size_t length = point.size();
    require(EVP_PKEY_get_raw_public_key(key_.get(), point.data(), &length) == 1, "encode a public key");
    return point;
  }
  return encoded_public_key(key_.get());
}

octets signing_key::rsa_modulus() const {
  return bignum_param(key_.get(), OSSL_PKEY_PARAM_RSA_N);
}

octets signing_key::rsa_exponent() const {
  return bignum_param(key_.get(), OSSL_PKEY_PARAM_RSA_E);
}

secret_octets signing_key::private_scalar() const {
  if (type() != kind::ed25519) return secret_bignum_param(key_.get(), OSSL_PKEY_PARAM_PRIV_KEY);
  secret_octets seed(ed25519_seed);
  std::size_t length = ed25519_seed;
  require(EVP_PKEY_get_raw_private_key(key_.get(), seed.span().data(), &length) == 1, "read a private key");
  return seed;
}

signing_key::rsa_secret_numbers signing_key::rsa_secrets() const {
  return {.private_exponent = secret_bignum_param(key_.get(), OSSL_PKEY_PARAM_RSA_D),
          .inverse_of_q = secret_bignum_param(key_.get(), OSSL_PKEY_PARAM_RSA_COEFFICIENT1),
          .p = secret_bignum_param(key_.get(), OSSL_PKEY_PARAM_RSA_FACTOR1),
          .q = secret_bignum_param(key_.get(), OSSL_PKEY_PARAM_RSA_FACTOR2)};
}

octets signing_key::sign(digest_algorithm digest, octet_view data) const {
  const md_ctx_ptr context(EVP_MD_CTX_new());
  const EVP_MD* const type = this->type() == kind::ed25519 ? nullptr : message_digest(digest);
  std::size_t size = 0;
  require(context != nullptr && EVP_DigestSignInit(context.get(), nullptr, type, nullptr, key_.get()) == 1 &&
              EVP_DigestSign(context.get(), nullptr, &size, data.data(), data.size()) == 1,
          "begin a signature");
  octets signature(size);
  require(EVP_DigestSign(context.get(), signature.data(), &size, data.data(), data.size()) == 1, "sign");
  signature.resize(size);
  return signature;
}

signing_key::ecdsa_parts signing_key::split_ecdsa(octet_view der) {
  const unsigned char* from = der.data();
  const ecdsa_signature pair(d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(der.size())));
  require(pair != nullptr, "read its own signature");
  return {to_octets(ECDSA_SIG_get0_r(pair.get())), to_octets(ECDSA_SIG_get0_s(pair.get()))};
}

}  // namespace tunnel::crypto
