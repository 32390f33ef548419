#pragma once

#include <filesystem>
#include <string>

namespace tunnel::integration {

/// A freshly made key pair on disk.
struct ssh_key {
  std::filesystem::path private_file;

  /// "ssh-ed25519 AAAA...": what known_hosts and authorized_keys hold.
  [[nodiscard]] std::string public_line() const;
};

/// Makes a pair at `file` and `file`.pub. `type` is ssh-keygen's, with a size if need be: "ed25519", "ecdsa",
/// "rsa", "ecdsa:384".
ssh_key make_key(const std::filesystem::path& file, const std::string& type = "ed25519",
                 const std::string& passphrase = "");

}  // namespace tunnel::integration
