#include <algorithm>

#include "crypto/key_agreement.hpp"
#include "crypto/openssl.hpp"

namespace tunnel::crypto {

namespace {

constexpr std::size_t x25519_size = 32;
constexpr octet uncompressed = 4;

std::size_t point_size(ec_curve curve) {
  switch (curve) {
    case ec_curve::p256:
      return 1 + std::size_t{2} * 32;
    case ec_curve::p384:
      return 1 + std::size_t{2} * 48;
    case ec_curve::p521:
      return 1 + std::size_t{2} * 66;
  }
  throw std::logic_error("unknown curve");
}

// Nothing: libcrypto does not like the peer's key.
std::optional<secret_octets> derive(EVP_PKEY* own, EVP_PKEY* peer) {
  const pkey_ctx_ptr context(EVP_PKEY_CTX_new(own, nullptr));
  require(context != nullptr && EVP_PKEY_derive_init(context.get()) == 1, "begin a key agreement");
  std::size_t size = 0;
  if (EVP_PKEY_derive_set_peer(context.get(), peer) != 1 ||
      EVP_PKEY_derive(context.get(), nullptr, &size) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  secret_octets secret(size);
  // X25519 fails here for a peer of small order.
  if (EVP_PKEY_derive(context.get(), secret.span().data(), &size) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  return secret;
}

bool all_zero(octet_view data) {
  octet any = 0;
  for (const octet each : data) any = static_cast<octet>(any | each);
  return any == 0;
}

class x25519 final : public key_agreement {
 public:
  x25519() : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")) {
    require(key_ != nullptr, "make an X25519 key");
    public_ = encoded_public_key(key_.get());
  }

  octet_view public_value() const override { return public_; }

  std::optional<secret_octets> agree(octet_view peer) override {
    if (peer.size() != x25519_size) return std::nullopt;
    const pkey_ptr other(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, peer.data(), peer.size()));
    require(other != nullptr, "read an X25519 key");
    auto secret = derive(key_.get(), other.get());
    if (secret && all_zero(secret->view())) return std::nullopt;
    return secret;
  }

 private:
  pkey_ptr key_;
  octets public_;
};

class ecdh final : public key_agreement {
 public:
  explicit ecdh(ec_curve curve)
      : curve_(curve), key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", group_name(curve))) {
    require(key_ != nullptr, "make an ECDH key");
    public_ = encoded_public_key(key_.get());
  }

  octet_view public_value() const override { return public_; }

  std::optional<secret_octets> agree(octet_view peer) override {
    if (peer.size() != point_size(curve_) || peer.front() != uncompressed) return std::nullopt;
    const pkey_ptr other(EVP_PKEY_new());
    require(other != nullptr && EVP_PKEY_copy_parameters(other.get(), key_.get()) == 1, "copy a curve");
    // Fails for a point that is not on the curve.
    if (EVP_PKEY_set1_encoded_public_key(other.get(), peer.data(), peer.size()) != 1) {
      ERR_clear_error();
      return std::nullopt;
    }
    return derive(key_.get(), other.get());
  }

 private:
  ec_curve curve_;
  pkey_ptr key_;
  octets public_;
};

}  // namespace

std::unique_ptr<key_agreement> agree_x25519() {
  return std::make_unique<x25519>();
}

std::unique_ptr<key_agreement> agree_ecdh(ec_curve curve) {
  return std::make_unique<ecdh>(curve);
}

}  // namespace tunnel::crypto
