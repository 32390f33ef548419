#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/octets.hpp"

/// The programs that make keys for tests: OpenSSH's and OpenSSL's own.
namespace tunnel::ssh::keys {

/// Runs a program to its end, without input and output. Throws when it fails.
void run(const std::vector<std::string>& arguments);

/// ssh-keygen with the arguments for a type, such as {"-t", "ed25519"}; gives `path` back.
std::string make_key(std::string path, const std::vector<std::string>& type,
                     const std::string& passphrase = "");

/// Writes a private key's file again, with a passphrase and in another form: {"-m", "PEM"}, {"-Z",
/// "aes256-cbc"}. Few rounds of bcrypt, so that tests are quick.
void change_form(const std::string& path, const std::string& old_passphrase, const std::string& passphrase,
                 const std::vector<std::string>& form);

/// The octets of the key beside a private key's file, in <path>.pub.
octets public_half(const std::string& path);

/// What the armour of openssh-key-v1 holds, and the armour around such octets.
octets unarmoured(std::string_view content);
std::string armoured(octet_view container);

/// A private key's container in clear, built from its parts, each of which a test can get wrong.
struct container {
  std::string magic{"openssh-key-v1\0", 15};
  std::string cipher = "none";
  std::string kdf = "none";
  octets kdf_options;
  std::uint32_t count = 1;
  octets public_blob;
  std::uint32_t check = 1;
  std::uint32_t again = 1;
  /// The key's type and numbers.
  octets numbers;
  std::string comment;
  /// In place of 1, 2, 3, ...
  std::optional<octets> padding;
  octets trailing;

  [[nodiscard]] std::string text() const;
};

/// The container of a file that ssh-keygen wrote without a passphrase.
container take_apart(std::string_view content);

}  // namespace tunnel::ssh::keys
