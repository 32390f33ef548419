#include "config/algorithm_names.hpp"

#include <array>

// What `ssh -Q kex`, `ssh -Q cipher`, `ssh -Q mac`, `ssh -Q HostKeyAlgorithms` and `ssh -Q sig` print for
// OpenSSH 9.2 (Debian 12), 10.0 (Debian 13) and 10.5, together and in their order. Some have gone since 9.2
// (ssh-dss) and some came later (mlkem768x25519-sha256); a configuration may be shared with such an ssh.
namespace tunnel::config {
namespace {

using namespace std::string_view_literals;

constexpr auto kex = std::to_array({
    "diffie-hellman-group1-sha1"sv,
    "diffie-hellman-group14-sha1"sv,
    "diffie-hellman-group14-sha256"sv,
    "diffie-hellman-group16-sha512"sv,
    "diffie-hellman-group18-sha512"sv,
    "diffie-hellman-group-exchange-sha1"sv,
    "diffie-hellman-group-exchange-sha256"sv,
    "ecdh-sha2-nistp256"sv,
    "ecdh-sha2-nistp384"sv,
    "ecdh-sha2-nistp521"sv,
    "mlkem768nistp256-sha256"sv,
    "curve25519-sha256"sv,
    "curve25519-sha256@libssh.org"sv,
    "sntrup761x25519-sha512"sv,
    "sntrup761x25519-sha512@openssh.com"sv,
    "mlkem768x25519-sha256"sv,
});

constexpr auto ciphers = std::to_array({
    "3des-cbc"sv,
    "aes128-cbc"sv,
    "aes192-cbc"sv,
    "aes256-cbc"sv,
    "aes128-ctr"sv,
    "aes192-ctr"sv,
    "aes256-ctr"sv,
    "aes128-gcm@openssh.com"sv,
    "aes256-gcm@openssh.com"sv,
    "chacha20-poly1305@openssh.com"sv,
});

constexpr auto macs = std::to_array({
    "hmac-sha1"sv,
    "hmac-sha1-96"sv,
    "hmac-sha2-256"sv,
    "hmac-sha2-512"sv,
    "hmac-md5"sv,
    "hmac-md5-96"sv,
    "umac-64@openssh.com"sv,
    "umac-128@openssh.com"sv,
    "hmac-sha1-etm@openssh.com"sv,
    "hmac-sha1-96-etm@openssh.com"sv,
    "hmac-sha2-256-etm@openssh.com"sv,
    "hmac-sha2-512-etm@openssh.com"sv,
    "hmac-md5-etm@openssh.com"sv,
    "hmac-md5-96-etm@openssh.com"sv,
    "umac-64-etm@openssh.com"sv,
    "umac-128-etm@openssh.com"sv,
});

constexpr auto keys = std::to_array({
    "ssh-ed25519"sv,
    "ssh-ed25519-cert-v01@openssh.com"sv,
    "sk-ssh-ed25519@openssh.com"sv,
    "sk-ssh-ed25519-cert-v01@openssh.com"sv,
    "ecdsa-sha2-nistp256"sv,
    "ecdsa-sha2-nistp256-cert-v01@openssh.com"sv,
    "ecdsa-sha2-nistp384"sv,
    "ecdsa-sha2-nistp384-cert-v01@openssh.com"sv,
    "ecdsa-sha2-nistp521"sv,
    "ecdsa-sha2-nistp521-cert-v01@openssh.com"sv,
    "sk-ecdsa-sha2-nistp256@openssh.com"sv,
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com"sv,
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"sv,
    "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com"sv,
    "ssh-dss"sv,
    "ssh-dss-cert-v01@openssh.com"sv,
    "ssh-rsa"sv,
    "ssh-rsa-cert-v01@openssh.com"sv,
    "rsa-sha2-256"sv,
    "rsa-sha2-256-cert-v01@openssh.com"sv,
    "rsa-sha2-512"sv,
    "rsa-sha2-512-cert-v01@openssh.com"sv,
    "ssh-mldsa44-ed25519@openssh.com"sv,
    "ssh-mldsa44-ed25519-cert-v01@openssh.com"sv,
});

constexpr auto ca_signatures = std::to_array({
    "ssh-ed25519"sv,
    "sk-ssh-ed25519@openssh.com"sv,
    "ecdsa-sha2-nistp256"sv,
    "ecdsa-sha2-nistp384"sv,
    "ecdsa-sha2-nistp521"sv,
    "sk-ecdsa-sha2-nistp256@openssh.com"sv,
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"sv,
    "ssh-dss"sv,
    "ssh-rsa"sv,
    "rsa-sha2-256"sv,
    "rsa-sha2-512"sv,
    "ssh-mldsa44-ed25519@openssh.com"sv,
});

}  // namespace

std::span<const std::string_view> names_of_ssh(algorithm_kind kind) {
  switch (kind) {
    case algorithm_kind::kex:
      return kex;
    case algorithm_kind::cipher:
      return ciphers;
    case algorithm_kind::mac:
      return macs;
    case algorithm_kind::key:
      return keys;
    case algorithm_kind::ca_signature:
      return ca_signatures;
  }
  return {};
}

}  // namespace tunnel::config
