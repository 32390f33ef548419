#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "crypto/secret_octets.hpp"
#include "crypto/signing_key.hpp"

namespace tunnel::ssh::keys {

/// A private key of SSH's, ready to sign. Its secrets are wiped when it goes.
class private_key {
 public:
  explicit private_key(crypto::signing_key key);

  /// "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa", ...
  [[nodiscard]] const std::string& type() const { return type_; }
  /// The public key (RFC 4253 section 6.6).
  [[nodiscard]] const octets& public_blob() const { return public_blob_; }

  /// All of it, as openssh-key-v1's files and requests to agents have it: the type's name and the numbers
  /// that belong to it, the secret ones too.
  [[nodiscard]] crypto::secret_octets secret_blob() const;

  /// A signature as SSH writes it: the algorithm's name and the signature's octets, each a string.
  /// Errors: errc::unsupported when the key makes no signatures by `algorithm`.
  [[nodiscard]] result<octets> sign(std::string_view algorithm, octet_view data) const;

 private:
  crypto::signing_key key_;
  std::string type_;
  octets public_blob_;
};

}  // namespace tunnel::ssh::keys
