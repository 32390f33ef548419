#include "ssh/keys/signature.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "ssh/keys/errors.hpp"
#include "ssh/keys/public_key.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::keys {

namespace {

using enum crypto::digest_algorithm;

enum class scheme { ed25519, ecdsa, rsa };

struct algorithm_row {
  std::string_view name;
  std::string_view key_type;
  scheme signs;
  /// Ed25519 has its own.
  crypto::digest_algorithm digest;
  bool security_key = false;
};

constexpr std::array algorithms{
    algorithm_row{"ssh-ed25519", "ssh-ed25519", scheme::ed25519, sha512},
    algorithm_row{"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", scheme::ecdsa, sha256},
    algorithm_row{"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", scheme::ecdsa, sha384},
    algorithm_row{"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", scheme::ecdsa, sha512},
    algorithm_row{"sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", scheme::ed25519, sha512, true},
    algorithm_row{"sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", scheme::ecdsa,
                  sha256, true},
    algorithm_row{"rsa-sha2-512", "ssh-rsa", scheme::rsa, sha512},
    algorithm_row{"rsa-sha2-256", "ssh-rsa", scheme::rsa, sha256}};

constexpr auto algorithm_names = [] {
  std::array<std::string_view, algorithms.size()> names;
  std::ranges::transform(algorithms, names.begin(), &algorithm_row::name);
  return names;
}();

// OpenSSH's PROTOCOL.certkeys.
constexpr std::string_view certificate_suffix = "-cert-v01@openssh.com";

error malformed_signature() {
  return {make_error_code(errc::malformed), "the signature is malformed"};
}

error wrong() {
  return {make_error_code(errc::bad_signature), "the signature is wrong"};
}

result<void> verify(const crypto::verification_key& key, const algorithm_row& row, octet_view data,
                    octet_view value) {
  bool verified = false;
  if (row.signs == scheme::ecdsa) {
    wire::reader from(value);
    const auto r = from.mpint();
    const auto s = from.mpint();
    if (!r || !s || !from.at_end()) return malformed_signature();
    verified = key.verify_ecdsa(row.digest, data, *r, *s);
  } else {
    verified =
        row.signs == scheme::rsa ? key.verify_rsa(row.digest, data, value) : key.verify_ed25519(data, value);
  }
  if (!verified) return wrong();
  return boost::system::in_place_value;
}

// What a security key signs in place of the data; takes its flags and counter off what follows the value.
std::optional<octets> security_key_data(std::string_view application, octet_view data, wire::reader& from) {
  const auto flags = from.byte();
  const auto counter = from.uint32();
  if (!flags || !counter) return std::nullopt;
  octets whole;
  wire::writer(whole)
      .raw(crypto::sha256(as_octets(application)))
      .byte(*flags)
      .uint32(*counter)
      .raw(crypto::sha256(data));
  return whole;
}

}  // namespace

result<void> verify_signature(std::string_view algorithm, octet_view key_blob, octet_view data,
                              octet_view signature) {
  const auto* const row = std::ranges::find(algorithms, algorithm, &algorithm_row::name);
  if (row == algorithms.end())
    return error{make_error_code(errc::unsupported),
                 "no signatures by " + sanitise(algorithm) + " are taken"};
  auto key = parse_public_key(key_blob);
  if (!key) return key.error();
  if (key->type != row->key_type)
    return error{
        make_error_code(errc::bad_signature),
        "a key of type " + sanitise(key->type) + " makes no signatures by " + std::string(algorithm)};
  wire::reader from(signature);
  const auto named = from.text();
  const auto value = from.string();
  if (!named || !value) return malformed_signature();
  if (*named != algorithm)
    return error{
        make_error_code(errc::bad_signature),
        "the signature is by " + sanitise(*named) + ", not by " + std::string(algorithm) + " as agreed"};
  octets own;
  if (row->security_key) {
    auto made = security_key_data(key->application, data, from);
    if (!made) return malformed_signature();
    own = std::move(*made);
    data = own;
  }
  if (!from.at_end()) return malformed_signature();
  return verify(key->key, *row, data, *value);
}

std::span<const std::string_view> signature_algorithms() {
  return algorithm_names;
}

std::string_view key_type_of(std::string_view algorithm) {
  if (algorithm == "rsa-sha2-256-cert-v01@openssh.com" || algorithm == "rsa-sha2-512-cert-v01@openssh.com")
    return "ssh-rsa-cert-v01@openssh.com";
  const auto* const row = std::ranges::find(algorithms, algorithm, &algorithm_row::name);
  return row == algorithms.end() ? algorithm : row->key_type;
}

std::string_view plain_algorithm(std::string_view algorithm) {
  if (algorithm == "sk-ssh-ed25519-cert-v01@openssh.com") return "sk-ssh-ed25519@openssh.com";
  if (algorithm == "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com") return "sk-ecdsa-sha2-nistp256@openssh.com";
  if (algorithm.ends_with(certificate_suffix)) algorithm.remove_suffix(certificate_suffix.size());
  return algorithm;
}

bool is_certificate_algorithm(std::string_view algorithm) {
  return algorithm.ends_with(certificate_suffix) && algorithm.size() > certificate_suffix.size();
}

}  // namespace tunnel::ssh::keys
