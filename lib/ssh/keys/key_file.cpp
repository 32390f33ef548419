#include "ssh/keys/key_file.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "ssh/keys/errors.hpp"
#include "ssh/keys/openssh_key.hpp"

namespace tunnel::ssh::keys {

namespace {

result<private_key> decode_pem(std::string_view content, const secret& passphrase) {
  auto read = crypto::signing_key::from_pem(content, passphrase);
  if (read.key) return private_key(std::move(*read.key));
  switch (read.failure) {
    case crypto::signing_key::pem_failure::wrong_passphrase:
      return error{make_error_code(errc::wrong_passphrase),
                   passphrase.empty() ? "the key needs a passphrase" : "the passphrase is wrong"};
    case crypto::signing_key::pem_failure::unsupported:
      return error{make_error_code(errc::unsupported),
                   "the key is of a kind that is not taken; Ed25519, ECDSA and RSA are"};
    case crypto::signing_key::pem_failure::malformed:
      break;
  }
  return error{make_error_code(errc::malformed), "the private key cannot be read: its PEM is malformed"};
}

}  // namespace

result<private_key> decode_private_key(std::string_view content, const secret& passphrase) {
  if (content.find(openssh_key_begin) != content.npos) return decode_openssh_key(content, passphrase);
  if (content.find("-----BEGIN ") != content.npos) return decode_pem(content, passphrase);
  const bool putty = content.starts_with("PuTTY-User-Key-File");
  return error{make_error_code(putty ? errc::unsupported : errc::malformed),
               putty ? "it is a key in PuTTY's format; convert it with: puttygen KEY -O private-openssh-new"
                     : "it holds no private key"};
}

}  // namespace tunnel::ssh::keys
