#include "config/known_hosts_line.hpp"

#include <algorithm>

#include "config/pattern.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"

namespace tunnel::config {
namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view hash_magic = "|1|";

std::string_view without_leading_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(blanks), text.size()));
}

// Takes a word and the blanks behind it off the front of `rest`.
std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find_first_of(blanks));
  rest = without_leading_blanks(rest.substr(word.size()));
  return word;
}

bool hashed_match(std::string_view names, std::string_view name) {
  const std::string_view salt_and_hash = names.substr(hash_magic.size());
  const std::size_t bar = salt_and_hash.find('|');
  if (bar == std::string_view::npos) return false;
  const auto salt = crypto::base64_decode(salt_and_hash.substr(0, bar));
  if (!salt || salt->size() != crypto::sha1_digest().size()) return false;
  return hashed_name(name, *salt) == names;
}

}  // namespace

std::optional<known_hosts_line> split_known_hosts_line(std::string_view line) {
  std::string_view rest = without_leading_blanks(line.substr(0, line.find_last_not_of('\r') + 1));
  if (rest.empty() || rest.front() == '#') return std::nullopt;
  known_hosts_line split;
  if (rest.front() == '@') {
    const std::string_view marker = take_word(rest);
    if (marker == "@revoked")
      split.marker = host_marker::revoked;
    else if (marker == "@cert-authority")
      split.marker = host_marker::cert_authority;
    else
      return std::nullopt;
    if (rest.starts_with('@')) return std::nullopt;
  }
  split.names = take_word(rest);
  split.key = rest;
  if (split.key.empty() || split.key.front() == '#') return std::nullopt;
  return split;
}

bool names_match(std::string_view names, std::string_view name) {
  if (names.starts_with(hash_magic)) return hashed_match(names, name);
  // Any other hash is one that nobody has defined yet, not a pattern.
  if (names.starts_with('|')) return false;
  return match_host_list(name, names) == list_match::positive;
}

std::string hashed_name(std::string_view name, octet_view salt) {
  return std::string(hash_magic) + crypto::base64_encode(salt) + '|' +
         crypto::base64_encode(crypto::hmac_sha1(salt, as_octets(name)));
}

}  // namespace tunnel::config
