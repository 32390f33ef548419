#include "crypto/digest.hpp"

#include <openssl/evp.h>

#include <stdexcept>

namespace tunnel::crypto {
namespace {

template <class Digest>
Digest digest(const EVP_MD* type, octet_view data) {
  Digest out{};
  unsigned int size = 0;
  if (EVP_Digest(data.data(), data.size(), out.data(), &size, type, nullptr) != 1 || size != out.size())
    throw std::runtime_error("libcrypto could not compute a digest");
  return out;
}

}  // namespace

sha256_digest sha256(octet_view data) {
  return digest<sha256_digest>(EVP_sha256(), data);
}

sha1_digest sha1(octet_view data) {
  return digest<sha1_digest>(EVP_sha1(), data);
}

sha1_digest hmac_sha1(octet_view key, octet_view data) {
  sha1_digest out{};
  std::size_t size = 0;
  // Without a key libcrypto's one-shot call reads a null pointer as "keep the last key".
  static constexpr octet no_key = 0;
  const octet* const octets_of_key = key.empty() ? &no_key : key.data();
  if (EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA1", nullptr, octets_of_key, key.size(), data.data(),
                data.size(), out.data(), out.size(), &size) == nullptr ||
      size != out.size())
    throw std::runtime_error("libcrypto could not compute an HMAC");
  return out;
}

}  // namespace tunnel::crypto
