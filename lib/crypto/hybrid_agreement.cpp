#include <algorithm>
#include <array>

#include "crypto/digest.hpp"
#include "crypto/key_agreement.hpp"
#include "crypto/openssl.hpp"

namespace tunnel::crypto {

namespace {

// FIPS 203, by name: built against a libcrypto that need not know it.
constexpr const char* kem = "ML-KEM-768";
constexpr std::size_t kem_secret_size = 32;
constexpr std::size_t ciphertext_size = 1088;
constexpr std::size_t encapsulation_key_size = 1184;

class mlkem768x25519 final : public key_agreement {
 public:
  mlkem768x25519() : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, kem)), curve_(agree_x25519()) {
    require(key_ != nullptr, "make an ML-KEM key");
    public_.resize(encapsulation_key_size);
    std::size_t size = 0;
    require(EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, public_.data(),
                                            public_.size(), &size) == 1 &&
                size == public_.size(),
            "encode an ML-KEM key");
    const auto curve_value = curve_->public_value();
    public_.insert(public_.end(), curve_value.begin(), curve_value.end());
  }

  octet_view public_value() const override { return public_; }

  std::optional<secret_octets> agree(octet_view peer) override {
    if (peer.size() <= ciphertext_size) return std::nullopt;
    const auto curve_secret = curve_->agree(peer.subspan(ciphertext_size));
    if (!curve_secret) return std::nullopt;
    secret_octets both(kem_secret_size + curve_secret->view().size());
    decapsulate(peer.first(ciphertext_size), both.span().first(kem_secret_size));
    std::ranges::copy(curve_secret->view(), both.span().subspan(kem_secret_size).begin());
    return secret_octets(digest(digest_algorithm::sha256, both.view()));
  }

 private:
  // A ciphertext that does not fit gives another secret, never an error (FIPS 203 section 6.3).
  void decapsulate(octet_view ciphertext, octet_span secret) const {
    const pkey_ctx_ptr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
    std::size_t size = secret.size();
    require(context != nullptr && EVP_PKEY_decapsulate_init(context.get(), nullptr) == 1 &&
                EVP_PKEY_decapsulate(context.get(), secret.data(), &size, ciphertext.data(),
                                     ciphertext.size()) == 1 &&
                size == secret.size(),
            "decapsulate a secret");
  }

  pkey_ptr key_;
  std::unique_ptr<key_agreement> curve_;
  octets public_;
};

}  // namespace

bool mlkem768_available() {
  static const bool available = [] {
    using keymgmt_ptr = std::unique_ptr<EVP_KEYMGMT, openssl_deleter<EVP_KEYMGMT_free>>;
    const keymgmt_ptr found(EVP_KEYMGMT_fetch(nullptr, kem, nullptr));
    ERR_clear_error();
    return found != nullptr;
  }();
  return available;
}

std::unique_ptr<key_agreement> agree_mlkem768x25519() {
  return std::make_unique<mlkem768x25519>();
}

}  // namespace tunnel::crypto
