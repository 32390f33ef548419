#include "config/revoked_keys.hpp"

#include <algorithm>
#include <string_view>

#include "config/errors.hpp"
#include "config/file.hpp"
#include "config/public_key.hpp"

namespace tunnel::config {
namespace {

bool names(std::string_view line, const revocable_key& wanted) {
  const auto key = parse_public_key(line);
  if (!key) return false;
  return std::ranges::equal(key->blob, wanted.blob) ||
         (wanted.certified && std::ranges::equal(key->blob, wanted.certified->authority_blob));
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
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (names(rest.substr(0, end), key)) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

}  // namespace tunnel::config
