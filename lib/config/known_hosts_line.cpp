#include "config/known_hosts_line.hpp"

#include <algorithm>

#include "config/errors.hpp"
#include "config/fields.hpp"
#include "config/pattern.hpp"
#include "config/values.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/random.hpp"

namespace tunnel::config {
namespace {

constexpr std::string_view hash_magic = "|1|";

bool hashed_match(std::string_view names, std::string_view name) {
  const std::string_view salt_and_hash = names.substr(hash_magic.size());
  const std::size_t bar = salt_and_hash.find('|');
  if (bar == std::string_view::npos) return false;
  const auto salt = crypto::base64_decode(salt_and_hash.substr(0, bar));
  if (!salt || salt->size() != crypto::sha1_digest().size()) return false;
  return hashed_name(name, *salt) == names;
}

// A line's first word must not read as a pattern, a list, a marker, a hash or a comment.
bool stands_for_itself(std::string_view name) {
  const auto special = [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == 0x7f ||
           std::string_view(",*?!|#@").find(c) != std::string_view::npos;
  };
  return !name.empty() && std::ranges::none_of(name, special);
}

std::string freshly_hashed(std::string_view name) {
  crypto::sha1_digest salt{};
  crypto::fill_random(salt);
  return hashed_name(name, salt);
}

}  // namespace

std::optional<known_hosts_line> split_known_hosts_line(std::string_view line) {
  std::string_view rest = line.substr(0, line.find_last_not_of('\r') + 1);
  auto first = next_field(rest);
  if (first.empty() || first.starts_with('#')) return std::nullopt;
  known_hosts_line split;
  if (first.starts_with('@')) {
    if (first == "@revoked")
      split.marker = host_marker::revoked;
    else if (first == "@cert-authority")
      split.marker = host_marker::cert_authority;
    else
      return std::nullopt;
    first = next_field(rest);
    if (first.starts_with('@')) return std::nullopt;
  }
  split.names = first;
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

result<std::string> known_hosts_lines(std::span<const std::string> names, octet_view key_blob,
                                      host_name_form form) {
  for (const auto& name : names) {
    if (!stands_for_itself(name))
      return failure(errc::malformed, "cannot write the host's name " + in_quotes(name) +
                                          " to a file of known hosts: there it would mean something else");
  }
  const auto type = type_of_blob(key_blob);
  if (!type || !is_key_type(*type))
    return failure(errc::malformed, "cannot write the key to a file of known hosts: its type is unknown");
  const std::string key = ' ' + *type + ' ' + crypto::base64_encode(key_blob) + '\n';
  std::string lines;
  for (const auto& name : names) {
    if (form == host_name_form::hashed)
      lines += freshly_hashed(name) + key;
    else
      lines += (lines.empty() ? "" : ",") + name;
  }
  return form == host_name_form::hashed || lines.empty() ? lines : lines + key;
}

}  // namespace tunnel::config
