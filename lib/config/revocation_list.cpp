#include "config/revocation_list.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "config/errors.hpp"
#include "crypto/digest.hpp"
#include "wire/reader.hpp"

namespace tunnel::config {
namespace {

// PROTOCOL.krl: "SSHKRL\n\0", as a number and as octets.
constexpr std::array<octet, 8> magic = {'S', 'S', 'H', 'K', 'R', 'L', '\n', 0};
constexpr std::uint32_t known_version = 1;

enum class section : octet {
  certificates = 1,
  explicit_keys = 2,
  sha1_digests = 3,
  signature = 4,
  sha256_digests = 5,
  extension = 255
};

enum class certificate_section : octet {
  serial_list = 0x20,
  serial_range = 0x21,
  serial_bitmap = 0x22,
  key_ids = 0x23,
  extension = 0x39
};

error malformed() {
  return failure(errc::malformed, "the revocation list (KRL) is malformed");
}

// Whether one of the strings that make up the whole of `data` is that.
result<bool> holds_string(octet_view data, octet_view wanted) {
  wire::reader in(data);
  while (!in.at_end()) {
    const auto each = in.string();
    if (!each) return malformed();
    if (std::ranges::equal(*each, wanted)) return true;
  }
  return false;
}

result<bool> pass_extension(octet_view data) {
  wire::reader in(data);
  const auto name = in.text();
  const auto critical = in.boolean();
  const auto contents = in.string();
  if (!name || !critical || !contents || !in.at_end()) return malformed();
  if (*critical)
    return failure(errc::malformed, "the revocation list (KRL) has a critical extension that is not known");
  return false;
}

// --- of one authority's certificates ---

result<bool> holds_serial(octet_view data, std::uint64_t serial) {
  wire::reader in(data);
  bool found = false;
  while (!in.at_end()) {
    const auto each = in.uint64();
    if (!each) return malformed();
    found = found || *each == serial;
  }
  return found && serial != 0;
}

result<bool> spans_serial(octet_view data, std::uint64_t serial) {
  wire::reader in(data);
  const auto least = in.uint64();
  const auto greatest = in.uint64();
  if (!least || !greatest || !in.at_end()) return malformed();
  return serial != 0 && *least <= serial && serial <= *greatest;
}

result<bool> has_bit_of(octet_view data, std::uint64_t serial) {
  wire::reader in(data);
  const auto first = in.uint64();
  const auto bits = in.mpint();
  if (!first || !bits || !in.at_end()) return malformed();
  if (serial == 0 || serial < *first) return false;
  const std::uint64_t bit = serial - *first;
  if (bit / 8 >= bits->size()) return false;
  const auto its_octet = (*bits)[bits->size() - 1 - static_cast<std::size_t>(bit / 8)];
  return ((its_octet >> (bit % 8)) & 1U) != 0;
}

result<bool> revokes_certificate(octet kind, octet_view data, const revocable_key::certification& shown) {
  switch (static_cast<certificate_section>(kind)) {
    case certificate_section::serial_list:
      return holds_serial(data, shown.serial);
    case certificate_section::serial_range:
      return spans_serial(data, shown.serial);
    case certificate_section::serial_bitmap:
      return has_bit_of(data, shown.serial);
    case certificate_section::key_ids:
      return holds_string(data, as_octets(shown.key_id));
    case certificate_section::extension:
      return pass_extension(data);
  }
  return malformed();
}

result<bool> search_certificates(octet_view data, const revocable_key& key) {
  wire::reader in(data);
  const auto authority = in.string();
  const auto reserved = in.string();
  if (!authority || !reserved) return malformed();
  // Without an authority it is about those of all.
  const bool concerned =
      key.certified && (authority->empty() || std::ranges::equal(*authority, key.certified->authority_blob));
  while (!in.at_end()) {
    const auto kind = in.byte();
    const auto body = in.string();
    if (!kind || !body) return malformed();
    if (!concerned) continue;
    auto revoked = revokes_certificate(*kind, *body, *key.certified);
    if (!revoked || *revoked) return revoked;
  }
  return false;
}

// --- the list ---

// Of the key's own and the authority's, in OpenSSH's words "explicit" or by a digest.
template <class Form>
result<bool> holds_either(octet_view data, const revocable_key& key, Form form) {
  auto revoked = holds_string(data, form(key.blob));
  if (!revoked || *revoked || !key.certified) return revoked;
  return holds_string(data, form(key.certified->authority_blob));
}

result<bool> search_section(octet kind, octet_view data, const revocable_key& key) {
  switch (static_cast<section>(kind)) {
    case section::certificates:
      return search_certificates(data, key);
    case section::explicit_keys:
      return holds_either(data, key, [](octet_view blob) { return blob; });
    case section::sha1_digests:
      return holds_either(data, key, crypto::sha1);
    case section::sha256_digests:
      return holds_either(data, key, crypto::sha256);
    case section::signature:
      return false;
    case section::extension:
      return pass_extension(data);
  }
  return malformed();
}

}  // namespace

bool is_revocation_list(octet_view data) {
  return data.size() >= magic.size() && std::ranges::equal(data.first(magic.size()), magic);
}

result<bool> is_revoked_by_list(octet_view data, const revocable_key& key) {
  wire::reader in(data);
  const auto begin = in.raw(magic.size());
  const auto version = in.uint32();
  if (!begin || !is_revocation_list(data) || !version) return malformed();
  if (*version != known_version)
    return failure(errc::malformed, "the revocation list (KRL) has version " + std::to_string(*version) +
                                        "; known is " + std::to_string(known_version));
  const auto number = in.uint64();
  const auto made_at = in.uint64();
  const auto flags = in.uint64();
  const auto reserved = in.string();
  const auto comment = in.string();
  if (!number || !made_at || !flags || !reserved || !comment) return malformed();
  while (!in.at_end()) {
    const auto kind = in.byte();
    const auto body = in.string();
    if (!kind || !body) return malformed();
    // What comes behind a signature is one more of its strings.
    if (static_cast<section>(*kind) == section::signature) {
      if (!in.string()) return malformed();
      continue;
    }
    auto revoked = search_section(*kind, *body, key);
    if (!revoked || *revoked) return revoked;
  }
  return false;
}

}  // namespace tunnel::config
