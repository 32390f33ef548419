#include "crypto/digest.hpp"

#include <openssl/evp.h>

#include <stdexcept>

#include "crypto/openssl.hpp"

namespace tunnel::crypto {
namespace {

template <class Digest>
Digest fixed_digest(const EVP_MD* type, octet_view data) {
  Digest out{};
  unsigned int size = 0;
  if (EVP_Digest(data.data(), data.size(), out.data(), &size, type, nullptr) != 1 || size != out.size())
    throw std::runtime_error("libcrypto could not compute a digest");
  return out;
}

}  // namespace

sha256_digest sha256(octet_view data) {
  return fixed_digest<sha256_digest>(EVP_sha256(), data);
}

octets digest(digest_algorithm algorithm, octet_view data) {
  const EVP_MD* const type = message_digest(algorithm);
  octets out(static_cast<std::size_t>(EVP_MD_get_size(type)));
  unsigned int size = 0;
  require(EVP_Digest(data.data(), data.size(), out.data(), &size, type, nullptr) == 1, "compute a digest");
  return out;
}

sha1_digest sha1(octet_view data) {
  return fixed_digest<sha1_digest>(EVP_sha1(), data);
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
