#include "ssh/keys/key_file.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "ssh/keys/errors.hpp"
#include "ssh/keys/openssh_key.hpp"

namespace tunnel::ssh::keys {

namespace {

using pem_failure = crypto::signing_key::pem_failure;

error of(errc code, std::string sentence) {
  return {make_error_code(code), std::move(sentence)};
}

error explain(pem_failure failure, const secret& passphrase) {
  switch (failure) {
    case pem_failure::wrong_passphrase:
      return of(errc::wrong_passphrase,
                passphrase.empty() ? "the key needs a passphrase" : "the passphrase is wrong");
    case pem_failure::unsupported:
      return of(
          errc::unsupported,
          "the key or its encryption is of a kind that is not taken; Ed25519, ECDSA on NIST's curves, and "
          "RSA of 1024 to 16384 bits are");
    case pem_failure::too_costly:
      return of(errc::unsupported, "the file asks for too much work to make a key of its passphrase");
    case pem_failure::no_private_key:
      return of(errc::malformed, "it holds no private key");
    case pem_failure::malformed:
      break;
  }
  return of(errc::malformed, "the private key cannot be read: its PEM is malformed");
}

// The forms in which ssh-keygen and libcrypto write public keys.
bool is_public_key(std::string_view content) {
  constexpr std::array<std::string_view, 5> beginnings{"ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-",
                                                       "---- BEGIN SSH2 PUBLIC KEY"};
  return content.find("PUBLIC KEY-----") != content.npos ||
         std::ranges::any_of(beginnings,
                             [&](std::string_view beginning) { return content.starts_with(beginning); });
}

}  // namespace

result<private_key> decode_private_key(std::string_view content, const secret& passphrase,
                                       std::uint32_t bcrypt_rounds) {
  if (content.size() > max_private_key_file)
    return of(errc::malformed, "the file is too long to be a private key's");
  if (content.find(openssh_key_begin) != content.npos)
    return decode_openssh_key(content, passphrase, bcrypt_rounds);
  if (content.starts_with("PuTTY-User-Key-File"))
    return of(errc::unsupported,
              "it is a key in PuTTY's format; convert it with: puttygen KEY -O private-openssh-new");
  if (content.find("PRIVATE KEY-----") != content.npos) {
    auto read = crypto::signing_key::from_pem(content, passphrase);
    if (read.key) return private_key(std::move(*read.key));
    return explain(read.failure, passphrase);
  }
  if (is_public_key(content)) return of(errc::malformed, "it holds a public key; the private one is needed");
  return of(errc::malformed, "it holds no private key");
}

}  // namespace tunnel::ssh::keys
