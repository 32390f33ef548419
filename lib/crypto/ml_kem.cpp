#include "crypto/hybrid_agreement.hpp"

namespace tunnel::crypto {

namespace {

// FIPS 203, by name: built against a libcrypto that need not know it.
constexpr const char* algorithm = "ML-KEM-768";

// FIPS 203 section 8, table 3.
constexpr std::size_t secret_size = 32;
constexpr std::size_t ciphertext_octets = 1088;
constexpr std::size_t encapsulation_key_size = 1184;

class libcrypto_ml_kem final : public decapsulation_key {
 public:
  explicit libcrypto_ml_kem(pkey_ptr key) : key_(std::move(key)) {}

  octets encapsulation_key() const override {
    octets encoded(encapsulation_key_size);
    std::size_t size = 0;
    require(EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(),
                                            encoded.size(), &size) == 1 &&
                size == encoded.size(),
            "encode an ML-KEM key");
    return encoded;
  }

  std::size_t ciphertext_size() const override { return ciphertext_octets; }

  secret_octets decapsulate(octet_view ciphertext) const override {
    const pkey_ctx_ptr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
    secret_octets secret(secret_size);
    std::size_t size = secret_size;
    require(context != nullptr && EVP_PKEY_decapsulate_init(context.get(), nullptr) == 1 &&
                EVP_PKEY_decapsulate(context.get(), secret.span().data(), &size, ciphertext.data(),
                                     ciphertext.size()) == 1 &&
                size == secret_size,
            "decapsulate a secret");
    return secret;
  }

 private:
  pkey_ptr key_;
};

}  // namespace

std::unique_ptr<decapsulation_key> ml_kem_768(pkey_ptr key) {
  return std::make_unique<libcrypto_ml_kem>(std::move(key));
}

bool mlkem768_available() {
  static const bool available = [] {
    using keymgmt_ptr = std::unique_ptr<EVP_KEYMGMT, openssl_deleter<EVP_KEYMGMT_free>>;
    const keymgmt_ptr found(EVP_KEYMGMT_fetch(nullptr, algorithm, nullptr));
    ERR_clear_error();
    return found != nullptr;
  }();
  return available;
}

std::unique_ptr<key_agreement> agree_mlkem768x25519() {
  pkey_ptr key(EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm));
  require(key != nullptr, "make an ML-KEM key");
  return agree_hybrid(ml_kem_768(std::move(key)), agree_x25519());
}

}  // namespace tunnel::crypto
