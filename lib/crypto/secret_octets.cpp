#include "crypto/secret_octets.hpp"

#include <openssl/crypto.h>

namespace tunnel::crypto {

secret_octets::~secret_octets() {
  OPENSSL_cleanse(octets_.data(), octets_.size());
}

}  // namespace tunnel::crypto
