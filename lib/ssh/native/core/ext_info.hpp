#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/octets.hpp"

namespace tunnel::ssh::native {

/// What the server told of itself in SSH_MSG_EXT_INFO (RFC 8308).
struct ext_info {
  /// Nothing: it did not say, which leaves what RFC 4252 and RFC 8332 allow.
  std::optional<std::vector<std::string>> server_sig_algs;
  /// publickey-hostbound@openssh.com: the method publickey-hostbound-v00@openssh.com is there.
  bool hostbound = false;
  /// ping@openssh.com.
  bool ping = false;
};

/// Reads the message, its number included, into `into`. Errors: protocol_error.
result<void> read_ext_info(octet_view payload, ext_info& into);

}  // namespace tunnel::ssh::native
