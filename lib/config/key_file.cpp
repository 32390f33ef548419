#include "config/key_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "config/errors.hpp"
#include "config/file.hpp"
#include "crypto/base64.hpp"
#include "wire/reader.hpp"

namespace tunnel::config {
namespace {

constexpr mode_t any_access_of_others = 077;
constexpr std::string_view openssh_begin = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr std::string_view openssh_end = "-----END OPENSSH PRIVATE KEY-----";
// OpenSSH's PROTOCOL.key: AUTH_MAGIC, with its NUL.
constexpr std::string_view auth_magic("openssh-key-v1\0", 15);

// Overwrites what may hold a private key before it is given back.
template <class Octets>
class wiped {
 public:
  explicit wiped(Octets value) : value_(std::move(value)) {}
  wiped(const wiped&) = delete;
  wiped& operator=(const wiped&) = delete;
  ~wiped() {
    if (!value_.empty()) explicit_bzero(value_.data(), value_.size());
  }

  [[nodiscard]] const Octets& get() const { return value_; }

 private:
  Octets value_;
};

std::string joined_lines(std::string_view text) {
  std::string joined;
  joined.reserve(text.size());
  std::ranges::copy_if(text, std::back_inserter(joined), [](char c) { return c != '\n' && c != '\r'; });
  return joined;
}

std::optional<private_key_info> read_container(octet_view data) {
  wire::reader reader(data);
  const auto magic = reader.raw(auth_magic.size());
  if (!magic || as_text(*magic) != auth_magic) return std::nullopt;
  const auto cipher = reader.text();
  const auto kdf = reader.text();
  const auto kdf_options = reader.string();
  const auto count = reader.uint32();
  const auto blob = reader.string();
  const auto secret_part = reader.string();
  if (!cipher || !kdf || !kdf_options || count != 1U || !blob || !secret_part) return std::nullopt;
  auto type = type_of_blob(*blob);
  if (!type) return std::nullopt;
  return private_key_info{
      .secret_part = *cipher == "none" ? private_part::plain : private_part::encrypted,
      .key = public_key{.type = std::move(*type), .blob = octets(blob->begin(), blob->end()), .comment = {}}};
}

std::optional<private_key_info> examine_openssh(std::string_view from_begin) {
  const std::string_view body = from_begin.substr(openssh_begin.size());
  const std::size_t end = body.find(openssh_end);
  if (end == std::string_view::npos) return std::nullopt;
  const wiped text(joined_lines(body.substr(0, end)));
  auto decoded = crypto::base64_decode(text.get());
  if (!decoded) return std::nullopt;
  const wiped data(std::move(*decoded));
  return read_container(data.get());
}

// `from_begin` starts at a line "-----BEGIN <label>-----".
std::optional<private_key_info> examine_pem(std::string_view from_begin) {
  const std::string_view first = from_begin.substr(0, from_begin.find_first_of("\r\n"));
  if (!first.ends_with(" PRIVATE KEY-----") && first != "-----BEGIN PRIVATE KEY-----") return std::nullopt;
  // PKCS#8 says it in the label (RFC 7468 §11), the older forms in a header (RFC 1421 §4.6.1.1).
  const bool encrypted = first == "-----BEGIN ENCRYPTED PRIVATE KEY-----" ||
                         from_begin.find("\nProc-Type: 4,ENCRYPTED") != std::string_view::npos;
  return private_key_info{.secret_part = encrypted ? private_part::encrypted : private_part::plain,
                          .key = {}};
}

std::optional<public_key> first_public_key(std::string_view text) {
  while (!text.empty()) {
    if (auto key = parse_public_key(take_line(text))) return key;
  }
  return std::nullopt;
}

std::string refusal_of(const std::string& path, uid_t owner, mode_t mode) {
  if (owner != ::getuid() || (mode & any_access_of_others) == 0) return {};
  std::array<char, 8> octal{};
  std::snprintf(octal.data(), octal.size(), "%04o", mode & 0777U);
  return "the private key " + path + " has permissions " + octal.data() +
         ": it must not be accessible by others (try: chmod 600)";
}

result<identity> identity_from(const std::string& path, std::string_view content, uid_t owner, mode_t mode) {
  identity found{.path = path, .key = {}, .secret_part = private_part::absent, .refusal = {}};
  if (auto info = examine_private_key(content)) {
    found.secret_part = info->secret_part;
    found.refusal = refusal_of(path, owner, mode);
    // The container's own public part cannot be out of step with the private one; a .pub file can.
    found.key = info->key ? std::move(info->key) : read_public_key(path + ".pub");
    return found;
  }
  found.key = first_public_key(content);
  if (!found.key) return failure(errc::malformed, path + " is no key that ssh would understand");
  return found;
}

}  // namespace

std::optional<public_key> read_public_key(const std::string& path) {
  const auto content = read_file(path, max_key_file);
  if (!content) return std::nullopt;
  return first_public_key(content->text);
}

std::optional<private_key_info> examine_private_key(std::string_view content) {
  std::size_t begin = content.starts_with("-----BEGIN ") ? 0 : content.find("\n-----BEGIN ");
  if (begin == std::string_view::npos) return std::nullopt;
  if (content[begin] == '\n') ++begin;
  const std::string_view from_begin = content.substr(begin);
  return from_begin.starts_with(openssh_begin) ? examine_openssh(from_begin) : examine_pem(from_begin);
}

result<identity> load_identity(const std::string& path) {
  auto file = read_file(path, max_key_file);
  if (file) {
    const wiped content(std::move(file->text));
    return identity_from(path, content.get(), file->owner, file->mode);
  }
  if (!is_absent(file.error())) return file.error();
  auto key = read_public_key(path + ".pub");
  if (!key) return file.error();
  return identity{.path = path, .key = std::move(key), .secret_part = private_part::absent, .refusal = {}};
}

}  // namespace tunnel::config
