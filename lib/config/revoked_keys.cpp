#include "config/revoked_keys.hpp"

#include <algorithm>
#include <string_view>

#include "base/text.hpp"
#include "config/errors.hpp"
#include "config/file.hpp"
#include "config/public_key.hpp"

namespace tunnel::config {
namespace {

bool is_blank(std::string_view line) {
  const auto begin = line.find_first_not_of(" \t\r");
  return begin == std::string_view::npos || line[begin] == '#';
}

bool names(const public_key& key, const revocable_key& wanted) {
  return std::ranges::equal(key.blob, wanted.blob) ||
         (wanted.certified && std::ranges::equal(key.blob, wanted.certified->authority_blob));
}

}  // namespace

result<bool> is_revoked(const std::string& file, const revocable_key& key) {
  const auto content = read_file(file, max_revoked_keys_file);
  if (!content) return content.error();
  std::string_view rest = content->text;
  if (is_revocation_list(as_octets(rest))) {
    auto revoked = is_revoked_by_list(as_octets(rest), key);
    if (!revoked) return failure(errc::malformed, file + ": " + revoked.error().message);
    return revoked;
  }
  bool revoked = false;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const auto line = take_line(rest);
    if (is_blank(line)) continue;
    const auto found = parse_public_key(line);
    if (!found)
      return failure(errc::malformed, file + " line " + std::to_string(number) + " is no public key");
    revoked = revoked || names(*found, key);
  }
  return revoked;
}

}  // namespace tunnel::config
