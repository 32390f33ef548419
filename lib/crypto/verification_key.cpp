#include "crypto/verification_key.hpp"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>

#include <bit>

#include "crypto/openssl.hpp"

namespace tunnel::crypto {

namespace {

using ecdsa_signature = std::unique_ptr<ECDSA_SIG, openssl_deleter<ECDSA_SIG_free>>;

constexpr std::size_t ed25519_point = 32;
constexpr std::size_t ed25519_signature = 64;
// Public exponents in use are 3 to 65537; a large one would make verifying slow.
constexpr std::size_t max_exponent_octets = 8;

std::size_t bits_of(octet_view magnitude) {
  if (magnitude.empty()) return 0;
  return 8 * (magnitude.size() - 1) + static_cast<std::size_t>(std::bit_width(magnitude.front()));
}

}  // namespace

void verification_key::deleter::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

std::optional<verification_key> verification_key::ed25519(octet_view point) {
  if (point.size() != ed25519_point) return std::nullopt;
  EVP_PKEY* const key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, point.data(), point.size());
  require(key != nullptr, "read an Ed25519 key");
  return verification_key(key);
}

std::optional<verification_key> verification_key::ecdsa(ec_curve curve, octet_view point) {
  // Uncompressed alone (RFC 5656 section 3.1).
  if (point.empty() || point.front() != POINT_CONVERSION_UNCOMPRESSED) return std::nullopt;
  const param_builder parts(OSSL_PARAM_BLD_new());
  require(parts != nullptr &&
              OSSL_PARAM_BLD_push_utf8_string(parts.get(), OSSL_PKEY_PARAM_GROUP_NAME, group_name(curve),
                                              0) == 1 &&
              OSSL_PARAM_BLD_push_octet_string(parts.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                               point.size()) == 1,
          "describe a key");
  auto key = key_from_parts("EC", EVP_PKEY_PUBLIC_KEY, parts.get());
  if (key == nullptr) return std::nullopt;
  return verification_key(key.release());
}

std::optional<verification_key> verification_key::rsa(octet_view modulus, octet_view exponent) {
  const auto bits = bits_of(modulus);
  if (bits < min_rsa_bits || bits > max_rsa_bits || modulus.back() % 2 == 0) return std::nullopt;
  if (exponent.empty() || exponent.size() > max_exponent_octets || exponent.back() % 2 == 0 ||
      bits_of(exponent) < 2)
    return std::nullopt;
  const auto n = to_bignum(modulus);
  const auto e = to_bignum(exponent);
  const param_builder parts(OSSL_PARAM_BLD_new());
  require(parts != nullptr && OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
              OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1,
          "describe a key");
  auto key = key_from_parts("RSA", EVP_PKEY_PUBLIC_KEY, parts.get());
  if (key == nullptr) return std::nullopt;
  return verification_key(key.release());
}

bool verification_key::verify(const digest_algorithm* digest, octet_view data, octet_view signature) const {
  const md_ctx_ptr context(EVP_MD_CTX_new());
  require(context != nullptr, "make a digest");
  const EVP_MD* const type = digest == nullptr ? nullptr : message_digest(*digest);
  const bool verified =
      EVP_DigestVerifyInit(context.get(), nullptr, type, nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), data.data(), data.size()) == 1;
  ERR_clear_error();
  return verified;
}

bool verification_key::verify_ed25519(octet_view data, octet_view signature) const {
  return signature.size() == ed25519_signature && verify(nullptr, data, signature);
}

bool verification_key::verify_ecdsa(digest_algorithm digest, octet_view data, octet_view r,
                                    octet_view s) const {
  // libcrypto checks that both are in [1, n - 1]; longer than any n needs no look.
  constexpr std::size_t max_scalar = 66;
  if (r.empty() || s.empty() || r.size() > max_scalar || s.size() > max_scalar) return false;
  const ecdsa_signature pair(ECDSA_SIG_new());
  require(pair != nullptr, "make a signature");
  require(ECDSA_SIG_set0(pair.get(), to_bignum(r).release(), to_bignum(s).release()) == 1,
          "fill a signature");
  unsigned char* encoded = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &encoded);
  const encoding_ptr owner(encoded);
  require(size > 0, "encode a signature");
  return verify(&digest, data, octet_view(encoded, static_cast<std::size_t>(size)));
}

bool verification_key::verify_rsa(digest_algorithm digest, octet_view data, octet_view signature) const {
  const auto size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  if (signature.size() > size) return false;
  // Some signers leave out leading zeros, and a verifier may accept that (RFC 8332 section 3).
  octets whole(size - signature.size());
  whole.insert(whole.end(), signature.begin(), signature.end());
  return verify(&digest, data, whole);
}

}  // namespace tunnel::crypto
