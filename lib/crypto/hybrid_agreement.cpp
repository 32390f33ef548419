#include "crypto/hybrid_agreement.hpp"

#include <algorithm>
#include <utility>

#include "crypto/digest.hpp"

namespace tunnel::crypto {

namespace {

class hybrid_agreement final : public key_agreement {
 public:
  hybrid_agreement(std::unique_ptr<decapsulation_key> mechanism, std::unique_ptr<key_agreement> curve)
      : mechanism_(std::move(mechanism)), curve_(std::move(curve)), public_(mechanism_->encapsulation_key()) {
    const auto curve_value = curve_->public_value();
    public_.insert(public_.end(), curve_value.begin(), curve_value.end());
  }

  octet_view public_value() const override { return public_; }

  std::optional<secret_octets> agree(octet_view peer) override {
    const std::size_t ciphertext_size = mechanism_->ciphertext_size();
    if (peer.size() < ciphertext_size) return std::nullopt;
    // The curve refuses every length but its own.
    const auto curve_secret = curve_->agree(peer.subspan(ciphertext_size));
    if (!curve_secret) return std::nullopt;
    const auto encapsulated = mechanism_->decapsulate(peer.first(ciphertext_size));
    secret_octets both(encapsulated.view().size() + curve_secret->view().size());
    const auto behind = std::ranges::copy(encapsulated.view(), both.span().begin()).out;
    std::ranges::copy(curve_secret->view(), behind);
    return secret_octets(digest(digest_algorithm::sha256, both.view()));
  }

 private:
  std::unique_ptr<decapsulation_key> mechanism_;
  std::unique_ptr<key_agreement> curve_;
  octets public_;
};

}  // namespace

std::unique_ptr<key_agreement> agree_hybrid(std::unique_ptr<decapsulation_key> mechanism,
                                            std::unique_ptr<key_agreement> curve) {
  return std::make_unique<hybrid_agreement>(std::move(mechanism), std::move(curve));
}

}  // namespace tunnel::crypto
