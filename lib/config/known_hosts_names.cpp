#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "config/errors.hpp"
#include "config/file.hpp"
#include "config/known_hosts.hpp"
#include "config/known_hosts_line.hpp"
#include "config/public_key.hpp"

namespace tunnel::config {
namespace {

constexpr std::string_view hash_sign = "|1|";

bool has_key(const known_hosts_line& line, octet_view blob) {
  if (line.marker != host_marker::none) return false;
  const auto key = parse_public_key(line.key);
  return key && std::ranges::equal(key->blob, blob);
}

void collect(std::string_view rest, const std::string& file, octet_view blob, std::vector<key_name>& found) {
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const auto text = take_line(rest);
    if (text.size() > max_known_hosts_line) continue;
    const auto line = split_known_hosts_line(text);
    if (!line || !has_key(*line, blob)) continue;
    const bool hashed = line->names.starts_with(hash_sign);
    found.push_back({file, number, hashed ? "[hashed name]" : std::string(line->names)});
  }
}

}  // namespace

std::vector<key_name> names_of_host_key(std::span<const std::string> files, octet_view key_blob) {
  std::vector<key_name> found;
  for (const std::string& file : files) {
    if (const auto content = read_file(file, max_known_hosts_file))
      collect(content->text, file, key_blob, found);
  }
  return found;
}

}  // namespace tunnel::config
