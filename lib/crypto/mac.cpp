#include "crypto/mac.hpp"

#include "crypto/openssl.hpp"

namespace tunnel::crypto {

namespace {

mac_context new_context(const char* name) {
  const mac_ptr algorithm(EVP_MAC_fetch(nullptr, name, nullptr));
  require(algorithm != nullptr, "find a MAC");
  mac_context context(EVP_MAC_CTX_new(algorithm.get()));
  require(context != nullptr, "make a MAC");
  return context;
}

}  // namespace

void mac_context_deleter::operator()(evp_mac_ctx_st* context) const {
  EVP_MAC_CTX_free(context);
}

hmac::hmac(digest_algorithm algorithm, octet_view key) : context_(new_context("HMAC")) {
  std::string name = EVP_MD_get0_name(message_digest(algorithm));
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                                   OSSL_PARAM_construct_end()};
  require(EVP_MAC_init(context_.get(), key.data(), key.size(), parameters) == 1, "set up an HMAC");
}

void hmac::compute(std::initializer_list<octet_view> parts, octet_span out) {
  // Without a key the one before is used again, already prepared.
  require(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1, "begin an HMAC");
  for (const auto& part : parts)
    require(EVP_MAC_update(context_.get(), part.data(), part.size()) == 1, "compute an HMAC");
  std::size_t size = 0;
  require(EVP_MAC_final(context_.get(), out.data(), &size, out.size()) == 1 && size == out.size(),
          "finish an HMAC");
}

poly1305::poly1305() : context_(new_context("POLY1305")) {}

std::array<octet, poly1305::tag_size> poly1305::compute(octet_view key, octet_view data) {
  std::array<octet, tag_size> tag{};
  std::size_t size = 0;
  require(EVP_MAC_init(context_.get(), key.data(), key.size(), nullptr) == 1 &&
              EVP_MAC_update(context_.get(), data.data(), data.size()) == 1 &&
              EVP_MAC_final(context_.get(), tag.data(), &size, tag.size()) == 1 && size == tag.size(),
          "compute Poly1305");
  return tag;
}

bool equal_in_constant_time(octet_view one, octet_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace tunnel::crypto
