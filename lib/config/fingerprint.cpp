#include "config/fingerprint.hpp"

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"

namespace tunnel::config {

std::string fingerprint(octet_view key_blob) {
  std::string text = crypto::base64_encode(crypto::sha256(key_blob));
  text.erase(text.find_last_not_of('=') + 1);
  return "SHA256:" + text;
}

}  // namespace tunnel::config
