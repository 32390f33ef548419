#include "config/revoked_keys.hpp"

#include <algorithm>
#include <string_view>

#include "config/errors.hpp"
#include "config/file.hpp"
#include "config/public_key.hpp"

namespace tunnel::config {
namespace {

constexpr std::string_view binary_magic = "SSHKRL\n";

bool names_one_of(std::string_view line, std::span<const octet_view> key_blobs) {
  const auto key = parse_public_key(line);
  if (!key) return false;
  return std::ranges::any_of(key_blobs, [&](octet_view each) { return std::ranges::equal(each, key->blob); });
}

}  // namespace

result<bool> is_revoked(const std::string& file, std::span<const octet_view> key_blobs) {
  const auto content = read_file(file, max_revoked_keys_file);
  if (!content) return content.error();
  std::string_view rest = content->text;
  if (rest.starts_with(binary_magic))
    return failure(errc::malformed,
                   file + " is a binary revocation list (KRL), which is not supported: list the keys' lines");
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (names_one_of(rest.substr(0, end), key_blobs)) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

}  // namespace tunnel::config
