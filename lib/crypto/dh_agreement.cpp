#include <algorithm>

#include "crypto/key_agreement.hpp"
#include "crypto/openssl.hpp"

namespace tunnel::crypto {

namespace {

// As OpenSSH: fewer bits would let the exponent be read off.
constexpr int min_bits_set = 4;
// In a sound group the first exponent serves; in a peer's, perhaps none ever would.
constexpr int max_tries = 16;

bool enough_bits_set(octet_view magnitude) {
  int count = 0;
  for (const octet each : magnitude) count += __builtin_popcount(each);
  return count >= min_bits_set;
}

class diffie_hellman final : public key_agreement {
 public:
  diffie_hellman(octet_view prime, octet_view generator)
      : context_(BN_CTX_secure_new()), prime_(to_bignum(prime)), generator_(to_bignum(generator)) {
    require(context_ != nullptr, "make a BN_CTX");
  }

  // False: this group has no public values that may be sent.
  bool make_key(std::size_t private_bits) {
    const auto bits = std::min(private_bits, static_cast<std::size_t>(BN_num_bits(prime_.get())) - 2);
    for (int i = 0; i < max_tries; ++i) {
      exponent_.reset(BN_secure_new());
      require(exponent_ != nullptr && BN_priv_rand(exponent_.get(), static_cast<int>(bits), BN_RAND_TOP_ONE,
                                                   BN_RAND_BOTTOM_ANY) == 1,
              "make a private exponent");
      BN_set_flags(exponent_.get(), BN_FLG_CONSTTIME);
      public_ = to_octets(power(generator_.get()).get());
      if (is_allowed(public_)) return true;
    }
    return false;
  }

  octet_view public_value() const override { return public_; }

  std::optional<secret_octets> agree(octet_view peer) override {
    if (!is_allowed(peer)) return std::nullopt;
    const auto secret = power(to_bignum(peer).get());
    // 0, 1 and p - 1 would be known to everybody.
    if (!is_between(secret.get())) return std::nullopt;
    return secret_octets(to_octets(secret.get()));
  }

 private:
  // RFC 4253 section 8 refuses values outside [1, p - 1]; RFC 8270 and OpenSSH the ends too.
  bool is_between(const BIGNUM* value) const {
    const bignum_ptr last(BN_dup(prime_.get()));
    require(last != nullptr && BN_sub_word(last.get(), 1) == 1, "subtract");
    return BN_cmp(value, BN_value_one()) > 0 && BN_cmp(value, last.get()) < 0;
  }

  bool is_allowed(octet_view magnitude) const {
    return magnitude.size() <= static_cast<std::size_t>(BN_num_bytes(prime_.get())) &&
           is_between(to_bignum(magnitude).get()) && enough_bits_set(magnitude);
  }

  bignum_ptr power(const BIGNUM* base) const {
    bignum_ptr value(BN_secure_new());
    require(value != nullptr && BN_mod_exp_mont_consttime(value.get(), base, exponent_.get(), prime_.get(),
                                                          context_.get(), nullptr) == 1,
            "compute a power");
    return value;
  }

  bn_ctx_ptr context_;
  bignum_ptr prime_;
  bignum_ptr generator_;
  bignum_ptr exponent_;
  octets public_;
};

octets rfc3526_prime(BIGNUM* (*get)(BIGNUM*)) {
  const bignum_ptr prime(get(nullptr));
  require(prime != nullptr, "give a group's prime");
  return to_octets(prime.get());
}

}  // namespace

std::unique_ptr<key_agreement> agree_dh(octet_view prime, octet_view generator, std::size_t private_bits) {
  auto made = std::make_unique<diffie_hellman>(prime, generator);
  if (!made->make_key(private_bits)) return nullptr;
  return made;
}

octet_view modp_group14() {
  static const octets prime = rfc3526_prime(BN_get_rfc3526_prime_2048);
  return prime;
}

octet_view modp_group16() {
  static const octets prime = rfc3526_prime(BN_get_rfc3526_prime_4096);
  return prime;
}

octet_view modp_group18() {
  static const octets prime = rfc3526_prime(BN_get_rfc3526_prime_8192);
  return prime;
}

}  // namespace tunnel::crypto
