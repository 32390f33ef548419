#include "config/public_key.hpp"

#include <algorithm>
#include <array>

#include "config/fields.hpp"
#include "crypto/base64.hpp"
#include "wire/reader.hpp"

namespace tunnel::config {
namespace {

constexpr std::array<std::string_view, 8> plain_types = {"ssh-ed25519",
                                                         "ecdsa-sha2-nistp256",
                                                         "ecdsa-sha2-nistp384",
                                                         "ecdsa-sha2-nistp521",
                                                         "ssh-rsa",
                                                         "ssh-dss",
                                                         "sk-ssh-ed25519@openssh.com",
                                                         "sk-ecdsa-sha2-nistp256@openssh.com"};

}  // namespace

bool is_key_type(std::string_view name) {
  return std::ranges::count(plain_types, name) != 0;
}

std::optional<std::string> type_of_blob(octet_view blob) {
  const auto type = wire::reader(blob).text();
  if (!type || type->empty() || type->size() > wire::max_name) return std::nullopt;
  return std::string(*type);
}

std::optional<public_key> parse_public_key(std::string_view line) {
  std::string_view rest = line.substr(0, line.find_last_not_of("\r\n") + 1);
  const std::string_view type = next_field(rest);
  auto blob = crypto::base64_decode(next_field(rest));
  if (!blob || type_of_blob(*blob) != type) return std::nullopt;
  return public_key{.type = std::string(type), .blob = std::move(*blob), .comment = std::string(rest)};
}

}  // namespace tunnel::config
