#include "ssh/keys/openssh_key.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "crypto/base64.hpp"
#include "crypto/bcrypt_pbkdf.hpp"
#include "crypto/cipher.hpp"
#include "ssh/keys/errors.hpp"
#include "ssh/keys/key_file.hpp"
#include "wire/reader.hpp"

namespace tunnel::ssh::keys {

namespace {

constexpr std::string_view magic{"openssh-key-v1\0", 15};

enum class mode { none, ctr, cbc, gcm };

struct cipher_row {
  std::string_view name;
  mode how;
  std::size_t key;
  std::size_t iv;
  std::size_t block;
};

constexpr std::array ciphers{cipher_row{"none", mode::none, 0, 0, 8},
                             cipher_row{"aes128-ctr", mode::ctr, 16, 16, 16},
                             cipher_row{"aes192-ctr", mode::ctr, 24, 16, 16},
                             cipher_row{"aes256-ctr", mode::ctr, 32, 16, 16},
                             cipher_row{"aes128-cbc", mode::cbc, 16, 16, 16},
                             cipher_row{"aes192-cbc", mode::cbc, 24, 16, 16},
                             cipher_row{"aes256-cbc", mode::cbc, 32, 16, 16},
                             cipher_row{"aes128-gcm@openssh.com", mode::gcm, 16, 12, 16},
                             cipher_row{"aes256-gcm@openssh.com", mode::gcm, 32, 12, 16}};

error malformed_file() {
  return {make_error_code(errc::malformed), "the private key cannot be read: its file is malformed"};
}

error unsupported(std::string_view what, std::string_view name) {
  return {make_error_code(errc::unsupported), "the private key's file uses the " + std::string(what) + " " +
                                                  sanitise(name) + ", which is not known here"};
}

error needs_passphrase(const secret& given) {
  return {make_error_code(errc::wrong_passphrase),
          given.empty() ? "the key needs a passphrase" : "the passphrase is wrong"};
}

// The base64 between the two lines, without line breaks.
std::optional<crypto::secret_octets> unwrap(std::string_view content) {
  const auto begin = content.find(openssh_key_begin);
  const auto end = content.find(openssh_key_end, begin);
  if (begin == content.npos || end == content.npos) return std::nullopt;
  const auto body = content.substr(begin + openssh_key_begin.size(), end - begin - openssh_key_begin.size());
  std::string text;
  text.reserve(body.size());
  std::ranges::copy_if(body, std::back_inserter(text),
                       [](char c) { return c != '\n' && c != '\r' && c != ' '; });
  auto decoded = crypto::base64_decode(text);
  const secret wiped(std::move(text));
  if (!decoded) return std::nullopt;
  return crypto::secret_octets(std::move(*decoded));
}

struct envelope {
  const cipher_row* cipher = nullptr;
  std::string_view kdf;
  octet_view kdf_options;
  octet_view public_blob;
  octet_view sealed;
  octet_view tag;
};

result<envelope> open_envelope(octet_view data) {
  wire::reader from(data);
  const auto begin = from.raw(magic.size());
  if (!begin || as_text(*begin) != magic) return malformed_file();
  const auto cipher = from.text();
  const auto kdf = from.text();
  const auto options = from.string();
  const auto count = from.uint32();
  if (!cipher || !kdf || !options || !count) return malformed_file();
  envelope found;
  const auto* const row = std::ranges::find(ciphers, *cipher, &cipher_row::name);
  if (row == ciphers.end()) return unsupported("cipher", *cipher);
  if (*kdf != "bcrypt" && *kdf != "none") return unsupported("key derivation", *kdf);
  if ((*kdf == "none") != (row->how == mode::none)) return malformed_file();
  if (*count != 1)
    return error{make_error_code(errc::unsupported),
                 "the file must hold one private key, but says that it holds " + std::to_string(*count)};
  const auto blob = from.string();
  const auto sealed = from.string();
  if (!blob || !sealed || sealed->size() % row->block != 0 || sealed->empty()) return malformed_file();
  found.cipher = row;
  found.kdf = *kdf;
  found.kdf_options = *options;
  found.public_blob = *blob;
  found.sealed = *sealed;
  // What an AEAD adds stands behind the string.
  if (row->how == mode::gcm) {
    const auto tag = from.raw(crypto::aes_gcm::tag_size);
    if (!tag) return malformed_file();
    found.tag = *tag;
  }
  if (!from.at_end()) return malformed_file();
  return found;
}

result<crypto::secret_octets> derive(const envelope& from, const secret& passphrase, std::uint32_t most) {
  wire::reader options(from.kdf_options);
  const auto salt = options.string();
  const auto rounds = options.uint32();
  if (!salt || salt->empty() || !rounds || *rounds == 0 || !options.at_end()) return malformed_file();
  if (*rounds > most)
    return error{make_error_code(errc::unsupported), "the file asks for " + std::to_string(*rounds) +
                                                         " rounds of bcrypt; at most " +
                                                         std::to_string(most) + " are gone through"};
  crypto::secret_octets key(from.cipher->key + from.cipher->iv);
  crypto::bcrypt_pbkdf(as_octets(passphrase.reveal()), *salt, *rounds, key.span());
  return key;
}

// False: the key does not fit.
bool decrypt(const envelope& from, octet_view key_and_iv, octet_span data) {
  const auto key = key_and_iv.first(from.cipher->key);
  const auto iv = key_and_iv.subspan(from.cipher->key);
  switch (from.cipher->how) {
    case mode::none:
      return true;
    case mode::ctr:
      crypto::aes_ctr(key, iv).apply(data);
      return true;
    case mode::cbc:
      crypto::aes_cbc_decrypt(key, iv, data);
      return true;
    case mode::gcm:
      return crypto::aes_gcm(crypto::aes_gcm::purpose::open, key, iv).open({}, data, from.tag);
  }
  return false;
}

std::optional<crypto::signing_key> read_rsa(wire::reader& from) {
  const auto n = from.mpint();
  const auto e = from.mpint();
  const auto d = from.mpint();
  const auto inverse = from.mpint();
  const auto p = from.mpint();
  const auto q = from.mpint();
  if (!n || !e || !d || !inverse || !p || !q) return std::nullopt;
  return crypto::signing_key::rsa({*n, *e, *d, *inverse, *p, *q});
}

bool is_rsa_size(wire::reader from) {
  const auto modulus = from.mpint();
  return !modulus || (modulus->size() >= crypto::signing_key::min_rsa_bits / 8 &&
                      modulus->size() <= crypto::signing_key::max_rsa_bits / 8);
}

std::optional<crypto::signing_key> read_ed25519(wire::reader& from) {
  constexpr std::size_t half = 32;
  const auto point = from.string();
  const auto both = from.string();
  if (!point || !both || both->size() != 2 * half) return std::nullopt;
  auto key = crypto::signing_key::ed25519(both->first(half));
  // The file has the public half twice more than it needs.
  if (!key || !std::ranges::equal(*point, both->last(half)) ||
      !std::ranges::equal(*point, key->public_point()))
    return std::nullopt;
  return key;
}

std::optional<crypto::signing_key> read_ecdsa(wire::reader& from, std::string_view type,
                                              crypto::ec_curve curve) {
  const auto name = from.text();
  const auto point = from.string();
  const auto scalar = from.mpint();
  if (!name || !point || !scalar || !type.ends_with("-" + std::string(*name))) return std::nullopt;
  return crypto::signing_key::ecdsa(curve, *point, *scalar);
}

// OpenSSH's PROTOCOL.key, section 3: 1, 2, 3, ... up to the block's end.
bool is_padding(octet_view rest) {
  octet expected = 0;
  return std::ranges::all_of(rest, [&](octet each) { return each == ++expected; });
}

result<private_key> read_key(const envelope& around, octet_view clear, const secret& passphrase) {
  wire::reader from(clear);
  const auto check = from.uint32();
  const auto again = from.uint32();
  if (!check || !again) return malformed_file();
  if (*check != *again)
    return around.cipher->how == mode::none ? malformed_file() : needs_passphrase(passphrase);
  const auto type = from.text();
  if (!type) return malformed_file();
  std::optional<crypto::signing_key> key;
  if (*type == "ssh-rsa") {
    if (!is_rsa_size(from))
      return error{make_error_code(errc::unsupported),
                   "it is an RSA key of a size that is not taken; those of 1024 to "
                   "16384 bits are"};
    key = read_rsa(from);
  } else if (*type == "ssh-ed25519") {
    key = read_ed25519(from);
  } else if (*type == "ecdsa-sha2-nistp256") {
    key = read_ecdsa(from, *type, crypto::ec_curve::p256);
  } else if (*type == "ecdsa-sha2-nistp384") {
    key = read_ecdsa(from, *type, crypto::ec_curve::p384);
  } else if (*type == "ecdsa-sha2-nistp521") {
    key = read_ecdsa(from, *type, crypto::ec_curve::p521);
  } else if (type->starts_with("sk-")) {
    return error{make_error_code(errc::unsupported),
                 "it is a security key's; add it to an agent, which can ask for the touch: ssh-add"};
  } else {
    return unsupported("key type", *type);
  }
  if (!key || !from.string() || !is_padding(from.rest())) return malformed_file();
  private_key whole(std::move(*key));
  if (!std::ranges::equal(whole.public_blob(), around.public_blob)) return malformed_file();
  return whole;
}

}  // namespace

result<private_key> decode_openssh_key(std::string_view content, const secret& passphrase,
                                       std::uint32_t bcrypt_rounds) {
  const auto data = unwrap(content);
  if (!data) return malformed_file();
  const auto around = open_envelope(data->view());
  if (!around) return around.error();
  crypto::secret_octets clear(octets(around->sealed.begin(), around->sealed.end()));
  if (around->cipher->how != mode::none) {
    if (passphrase.empty()) return needs_passphrase(passphrase);
    const auto key = derive(*around, passphrase, bcrypt_rounds);
    if (!key) return key.error();
    if (!decrypt(*around, key->view(), clear.span())) return needs_passphrase(passphrase);
  }
  return read_key(*around, clear.view(), passphrase);
}

}  // namespace tunnel::ssh::keys
