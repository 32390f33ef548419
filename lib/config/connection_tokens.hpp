#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "config/collected.hpp"
#include "config/destination.hpp"
#include "config/environment.hpp"
#include "config/tokens.hpp"

namespace tunnel::config {

/// What tokens stand for that are about the server.
struct connection_names {
  std::string host;
  std::string original_host;
  /// HostKeyAlias; without it ssh takes `host` while it reads, and `original_host` later.
  std::string key_alias;
  std::string user;
  std::uint16_t port = default_port;
};

/// ssh_config(5), TOKENS: those that every keyword with tokens knows but for HostName, ProxyCommand and
/// ProxyJump, which have fewer.
token_values connection_tokens(const connection_names& names, const environment& env);

/// Some of them.
token_values only(std::string_view letters, const token_values& tokens);

/// HostName with its tokens expanded, or the host as it was given. Errors: errc::malformed.
result<std::string> named_host(const collected& values, const std::string& original_host);

}  // namespace tunnel::config
