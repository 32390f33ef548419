#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "config/environment.hpp"
#include "config/token_values.hpp"

namespace tunnel::config {

/// Replaces the tokens. Errors: errc::malformed for a token that is not among them.
result<std::string> expand_tokens(std::string_view text, const token_values& tokens);

/// The same, and `${VAR}` too, in one pass: what a variable holds is not expanded again. Errors: also a
/// variable that is not set.
result<std::string> expand_tokens_and_variables(std::string_view text, const token_values& tokens,
                                                const environment& env);

/// The process's own environment variables, where no `environment` is at hand.
result<std::string> expand_tokens_and_variables(std::string_view text, const token_values& tokens);

/// Replaces the process's environment variables alone. Errors: as above.
result<std::string> expand_variables(std::string_view text);

/// `~`, tokens and variables in a path, as ssh expands IdentityFile and its like.
result<std::string> expand_path(std::string_view path, const token_values& tokens, const environment& env);

}  // namespace tunnel::config
