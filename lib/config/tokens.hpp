#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "config/environment.hpp"

namespace tunnel::config {

/// ssh_config(5), TOKENS: each letter with what it stands for. `%%` is always understood.
using token_values = std::vector<std::pair<char, std::string>>;

/// Replaces the tokens. Errors: errc::malformed for a token that is not among them.
result<std::string> expand_tokens(std::string_view text, const token_values& tokens);

/// The same, and `${VAR}` too, in one pass: what a variable holds is not expanded again. Errors: also a
/// variable that is not set.
result<std::string> expand_tokens_and_variables(std::string_view text, const token_values& tokens,
                                                const environment& env);

/// `~`, tokens and variables in a path, as ssh expands IdentityFile and its like.
result<std::string> expand_path(std::string_view path, const token_values& tokens, const environment& env);

}  // namespace tunnel::config
