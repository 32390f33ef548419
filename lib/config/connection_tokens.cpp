#include "config/connection_tokens.hpp"

#include <algorithm>
#include <iterator>

#include "config/errors.hpp"
#include "crypto/digest.hpp"

namespace tunnel::config {
namespace {

std::string hexadecimal(octet_view data) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const octet value : data) {
    text += digits[value >> 4U];
    text += digits[value & 0x0fU];
  }
  return text;
}

}  // namespace

token_values connection_tokens(const connection_names& names, const environment& env) {
  const std::string port = std::to_string(names.port);
  const std::string connection = env.host_name + names.host + port + names.user;
  return {{'C', hexadecimal(crypto::sha1(as_octets(connection)))},
          {'d', env.home},
          {'h', names.host},
          {'i', std::to_string(env.uid)},
          {'k', names.key_alias},
          {'L', env.host_name.substr(0, env.host_name.find('.'))},
          {'l', env.host_name},
          {'n', names.original_host},
          {'p', port},
          {'r', names.user},
          {'u', env.local_user}};
}

token_values only(std::string_view letters, const token_values& tokens) {
  token_values some;
  std::ranges::copy_if(tokens, std::back_inserter(some),
                       [letters](const auto& token) { return letters.find(token.first) != letters.npos; });
  return some;
}

result<std::string> named_host(const collected& values, const std::string& original_host) {
  if (!values.host_name) return original_host;
  auto expanded = expand_tokens(*values.host_name, {{'h', original_host}});
  if (!expanded) return failure(errc::malformed, "HostName: " + expanded.error().message);
  return expanded;
}

}  // namespace tunnel::config
