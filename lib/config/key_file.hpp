#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "config/public_key.hpp"

namespace tunnel::config {

/// Policy: an RSA key with 16384 bits takes 13 KiB.
inline constexpr std::size_t max_key_file = std::size_t{1024} * 1024;

/// What a key file holds of the private key.
enum class private_part {
  /// Nothing: the private key is with an agent, or nowhere.
  absent,
  plain,
  /// A passphrase is needed.
  encrypted,
};

/// What can be told about a private key's file without its passphrase.
struct private_key_info {
  private_part secret_part = private_part::absent;
  /// The public key, where the format has it in clear (openssh-key-v1; OpenSSH's PROTOCOL.key). It has no
  /// comment there.
  std::optional<public_key> key;
};

/// Looks at the content of a private key's file: openssh-key-v1 or any PEM (PKCS#1, SEC 1, PKCS#8).
/// Nothing: it is no private key. No copy of the content outlives the call.
std::optional<private_key_info> examine_private_key(std::string_view content);

/// An identity as IdentityFile names it: the path of a private key, or of a public one whose private key
/// an agent holds.
struct identity {
  std::string path;
  std::optional<public_key> key;
  private_part secret_part = private_part::absent;
  /// Why the private part must not be used, though it is there; empty: nothing against it. As in ssh, a
  /// file of the user's own that others may read or write is refused.
  std::string refusal;
};

/// The first public key in a file, a certificate's as well. Nothing: there is no such file, or no key in it.
std::optional<public_key> read_public_key(const std::string& path);

/// Reads the file and, for the public key, `<path>.pub`.
/// Errors: neither exists (is_absent), or what exists is unreadable, too large or no key (errc::malformed).
result<identity> load_identity(const std::string& path);

}  // namespace tunnel::config
