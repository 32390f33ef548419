#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/octets.hpp"

namespace tunnel::config {

/// A public key as files of OpenSSH hold it.
struct public_key {
  /// The key format's name (RFC 4253 §6.6), such as `ssh-ed25519`: what the blob says of itself.
  std::string type;
  octets blob;
  std::string comment;
};

/// Whether keys of this format are known to OpenSSH 9.2; lines with others are passed over, as it does.
bool is_key_type(std::string_view name);

/// The format's name inside a key blob. Nothing: the blob does not begin with one.
std::optional<std::string> type_of_blob(octet_view blob);

/// Parses `type base64 [comment]`. Nothing: no such line, or the blob is not of the type in front of it.
std::optional<public_key> parse_public_key(std::string_view line);

}  // namespace tunnel::config
