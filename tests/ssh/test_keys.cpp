#include "test_keys.hpp"

#include <string_view>

#include "crypto/base64.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh {

octets key_blob(octet tag) {
  octets blob;
  wire::writer out(blob);
  out.text("ssh-ed25519");
  out.string(octets(32, tag));
  return blob;
}

std::string key_text(octet tag) {
  return "ssh-ed25519 " + crypto::base64_encode(key_blob(tag));
}

}  // namespace tunnel::ssh
