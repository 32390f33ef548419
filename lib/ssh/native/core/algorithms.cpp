#include "ssh/native/core/algorithms.hpp"

#include <algorithm>

#include "crypto/cpu.hpp"
#include "crypto/key_agreement.hpp"
#include "ssh/keys/signature.hpp"

namespace tunnel::ssh::native {

namespace {

std::vector<std::string> to_strings(const std::vector<std::string_view>& names) {
  return {names.begin(), names.end()};
}

}  // namespace

std::vector<std::string_view> kex_algorithms() {
  std::vector<std::string_view> names;
  // draft-ietf-sshm-mlkem-hybrid-kex.
  if (crypto::mlkem768_available()) names.emplace_back("mlkem768x25519-sha256");
  names.insert(names.end(), {
                                "curve25519-sha256",                     // RFC 8731; RFC 9142: SHOULD
                                "curve25519-sha256@libssh.org",          // its name before
                                "ecdh-sha2-nistp256",                    // RFC 5656; SHOULD
                                "ecdh-sha2-nistp384",                    // SHOULD
                                "ecdh-sha2-nistp521",                    // SHOULD
                                "diffie-hellman-group16-sha512",         // RFC 8268; SHOULD
                                "diffie-hellman-group18-sha512",         // MAY
                                "diffie-hellman-group-exchange-sha256",  // RFC 4419; MAY
                                "diffie-hellman-group14-sha256",         // RFC 8268; MUST
                            });
  return names;
}

std::vector<std::string_view> authority_algorithms() {
  return {"ssh-ed25519",          // RFC 8709
          "ecdsa-sha2-nistp256",  // RFC 5656
          "ecdsa-sha2-nistp384",  //
          "ecdsa-sha2-nistp521",  //
          "rsa-sha2-512",         // RFC 8332
          "rsa-sha2-256"};
}

std::vector<std::string_view> host_key_algorithms() {
  // OpenSSH's PROTOCOL.certkeys.
  std::vector<std::string_view> names = {
      "ssh-ed25519-cert-v01@openssh.com",         "ecdsa-sha2-nistp256-cert-v01@openssh.com",
      "ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp521-cert-v01@openssh.com",
      "rsa-sha2-512-cert-v01@openssh.com",        "rsa-sha2-256-cert-v01@openssh.com"};
  const auto plain = authority_algorithms();
  names.insert(names.end(), plain.begin(), plain.end());
  return names;
}

std::vector<std::string_view> cipher_algorithms() {
  // RFC 5647 as OpenSSH names it, OpenSSH's PROTOCOL.chacha20poly1305, RFC 4344.
  if (crypto::has_aes_instructions())
    return {"aes128-gcm@openssh.com",
            "aes256-gcm@openssh.com",
            "chacha20-poly1305@openssh.com",
            "aes128-ctr",
            "aes192-ctr",
            "aes256-ctr"};
  return {"chacha20-poly1305@openssh.com",
          "aes128-gcm@openssh.com",
          "aes256-gcm@openssh.com",
          "aes128-ctr",
          "aes192-ctr",
          "aes256-ctr"};
}

std::vector<std::string_view> mac_algorithms() {
  // RFC 6668, encrypt-then-MAC (OpenSSH's PROTOCOL, section 1.5) first.
  return {"hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"};
}

std::vector<std::string_view> user_key_algorithms() {
  auto names = host_key_algorithms();
  // OpenSSH's PROTOCOL.u2f: an agent signs with these.
  names.insert(names.end(),
               {"sk-ssh-ed25519-cert-v01@openssh.com", "sk-ssh-ed25519@openssh.com",
                "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"});
  return names;
}

std::vector<std::string> default_user_key_algorithms() {
  return to_strings(user_key_algorithms());
}

algorithm_preferences default_preferences() {
  return {.kex = to_strings(kex_algorithms()),
          .host_key = to_strings(host_key_algorithms()),
          .cipher = to_strings(cipher_algorithms()),
          .mac = to_strings(mac_algorithms())};
}

std::vector<std::string> prefer_key_types(const std::vector<std::string>& algorithms,
                                          std::span<const std::string> key_types) {
  auto ordered = algorithms;
  std::ranges::stable_partition(ordered, [key_types](const std::string& algorithm) {
    return std::ranges::find(key_types, keys::key_type_of(algorithm)) != key_types.end();
  });
  return ordered;
}

}  // namespace tunnel::ssh::native
