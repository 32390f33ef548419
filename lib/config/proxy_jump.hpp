#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "config/destination.hpp"
#include "config/tokens.hpp"

namespace tunnel::config {

/// Reads ProxyJump's value: hosts between commas, each perhaps in double quotes, the nearest first. `none` is
/// no host. Errors: errc::malformed.
result<std::vector<destination>> parse_proxy_jump(std::string_view text);

/// Replaces the tokens in users and hosts, and checks what comes of it. Errors: errc::malformed.
result<std::vector<destination>> expand_proxy_jump(std::vector<destination> hops, const token_values& tokens);

}  // namespace tunnel::config
