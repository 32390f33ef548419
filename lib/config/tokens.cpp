#include "config/tokens.hpp"

#include <algorithm>

#include "config/errors.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

// Takes a token off the front of `rest`, which begins with a percent sign.
result<std::string> take_token(std::string_view& rest, const token_values& tokens) {
  if (rest.size() < 2) return failure(errc::malformed, "a \"%\" at the end must be doubled");
  const char letter = rest[1];
  rest.remove_prefix(2);
  if (letter == '%') return std::string("%");
  const auto found = std::ranges::find(tokens, letter, &token_values::value_type::first);
  if (found == tokens.end())
    return failure(errc::malformed, in_quotes(std::string{'%', letter}) +
                                        " means nothing here; a \"%\" itself is written \"%%\"");
  return found->second;
}

// Takes `${name}` off the front of `rest`.
result<std::string> take_variable(std::string_view& rest, const environment& env) {
  const std::size_t end = rest.find('}');
  if (end == std::string_view::npos || end == 2)
    return failure(errc::malformed, "\"${\" begins the name of an environment variable, and \"}\" ends it");
  const std::string name(rest.substr(2, end - 2));
  rest.remove_prefix(end + 1);
  const auto value = env.variable(name);
  if (!value) return failure(errc::malformed, "the environment variable " + in_quotes(name) + " is not set");
  return *value;
}

// `signs`: which of the two begin something.
result<std::string> expand(std::string_view rest, const char* signs, const token_values& tokens,
                           const environment& env) {
  std::string expanded;
  while (!rest.empty()) {
    const std::size_t plain = std::min(rest.find_first_of(signs), rest.size());
    expanded += rest.substr(0, plain);
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    if (rest.front() == '$' && !rest.starts_with("${")) {
      expanded += '$';
      rest.remove_prefix(1);
      continue;
    }
    const auto replaced = rest.front() == '%' ? take_token(rest, tokens) : take_variable(rest, env);
    if (!replaced) return replaced.error();
    expanded += *replaced;
  }
  return expanded;
}

environment process_environment() {
  environment env;
  env.variable = process_variable;
  return env;
}

}  // namespace

result<std::string> expand_tokens(std::string_view text, const token_values& tokens) {
  return expand(text, "%", tokens, {});
}

result<std::string> expand_tokens_and_variables(std::string_view text, const token_values& tokens,
                                                const environment& env) {
  return expand(text, "%$", tokens, env);
}

result<std::string> expand_tokens_and_variables(std::string_view text, const token_values& tokens) {
  return expand(text, "%$", tokens, process_environment());
}

result<std::string> expand_variables(std::string_view text) {
  return expand(text, "$", {}, process_environment());
}

result<std::string> expand_path(std::string_view path, const token_values& tokens, const environment& env) {
  const auto at_home = expand_home(path, env);
  if (!at_home) return at_home.error();
  return expand_tokens_and_variables(*at_home, tokens, env);
}

}  // namespace tunnel::config
