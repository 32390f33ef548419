#include "crypto/key_checks.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace tunnel::crypto {

namespace {

constexpr std::size_t max_group_name = 64;

bool is_rsa_size(const EVP_PKEY* key) {
  const auto bits = static_cast<std::size_t>(EVP_PKEY_get_bits(key));
  return bits >= signing_key::min_rsa_bits && bits <= signing_key::max_rsa_bits;
}

/// RSA's numbers (RFC 8017 section 3.2); null where the key has none.
class rsa_parts {
 public:
  explicit rsa_parts(const EVP_PKEY* key)
      : n_(get(key, OSSL_PKEY_PARAM_RSA_N)),
        e_(get(key, OSSL_PKEY_PARAM_RSA_E)),
        d_(get(key, OSSL_PKEY_PARAM_RSA_D)),
        p_(get(key, OSSL_PKEY_PARAM_RSA_FACTOR1)),
        q_(get(key, OSSL_PKEY_PARAM_RSA_FACTOR2)),
        d_p_(get(key, OSSL_PKEY_PARAM_RSA_EXPONENT1)),
        d_q_(get(key, OSSL_PKEY_PARAM_RSA_EXPONENT2)),
        inverse_(get(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1)) {}

  [[nodiscard]] bool belong_together() const {
    for (const auto* number : {&n_, &e_, &d_, &p_, &q_, &d_p_, &d_q_, &inverse_})
      if (*number == nullptr || BN_is_zero(number->get()) == 1 ||
          BN_num_bits(number->get()) > BN_num_bits(n_.get()))
        return false;
    require(context_ != nullptr && product_ != nullptr, "check a key");
    return BN_is_odd(p_.get()) == 1 && BN_is_odd(q_.get()) == 1 &&
           BN_mul(product_.get(), p_.get(), q_.get(), context_.get()) == 1 &&
           BN_cmp(product_.get(), n_.get()) == 0 && fits(p_.get(), d_p_.get()) &&
           fits(q_.get(), d_q_.get()) &&
           BN_mod_mul(product_.get(), inverse_.get(), q_.get(), p_.get(), context_.get()) == 1 &&
           BN_is_one(product_.get()) == 1;
  }

 private:
  static bignum_ptr get(const EVP_PKEY* key, const char* name) {
    BIGNUM* value = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &value) != 1) return nullptr;
    BN_set_flags(value, BN_FLG_CONSTTIME);
    return bignum_ptr(value);
  }

  // Whether d undoes e modulo one less than the prime, and the reduced one is d's.
  [[nodiscard]] bool fits(const BIGNUM* prime, const BIGNUM* reduced) const {
    const bignum_ptr less(BN_dup(prime));
    require(less != nullptr, "check a key");
    BN_set_flags(less.get(), BN_FLG_CONSTTIME);
    return BN_sub_word(less.get(), 1) == 1 &&
           BN_mod_mul(product_.get(), e_.get(), d_.get(), less.get(), context_.get()) == 1 &&
           BN_is_one(product_.get()) == 1 &&
           BN_nnmod(product_.get(), d_.get(), less.get(), context_.get()) == 1 &&
           BN_cmp(product_.get(), reduced) == 0;
  }

  bignum_ptr n_, e_, d_, p_, q_, d_p_, d_q_, inverse_;
  bn_ctx_ptr context_{BN_CTX_secure_new()};
  bignum_ptr product_{BN_secure_new()};
};

}  // namespace

std::optional<signing_key::kind> kind_of(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return signing_key::kind::ed25519;
  if (EVP_PKEY_is_a(key, "RSA") == 1)
    return is_rsa_size(key) ? std::optional(signing_key::kind::rsa) : std::nullopt;
  if (EVP_PKEY_is_a(key, "EC") != 1) return std::nullopt;
  std::array<char, max_group_name> buffer{};
  if (EVP_PKEY_get_group_name(key, buffer.data(), buffer.size(), nullptr) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  const std::string_view name(buffer.data());
  if (name == "prime256v1") return signing_key::kind::ecdsa_p256;
  if (name == "secp384r1") return signing_key::kind::ecdsa_p384;
  if (name == "secp521r1") return signing_key::kind::ecdsa_p521;
  return std::nullopt;
}

bool is_consistent(EVP_PKEY* key) {
  bool whole = false;
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    whole = rsa_parts(key).belong_together();
  } else {
    const pkey_ctx_ptr check(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    require(check != nullptr, "check a key");
    whole = EVP_PKEY_pairwise_check(check.get()) == 1;
  }
  ERR_clear_error();
  return whole;
}

}  // namespace tunnel::crypto
