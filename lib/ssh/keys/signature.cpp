#include "ssh/keys/signature.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/text.hpp"
#include "ssh/keys/errors.hpp"
#include "ssh/keys/public_key.hpp"
#include "wire/reader.hpp"

namespace tunnel::ssh::keys {

namespace {

using enum crypto::digest_algorithm;

struct algorithm_row {
  std::string_view name;
  std::string_view key_type;
  /// Ed25519 has its own.
  crypto::digest_algorithm digest;
};

constexpr std::array algorithms{algorithm_row{"ssh-ed25519", "ssh-ed25519", sha512},
                                algorithm_row{"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", sha256},
                                algorithm_row{"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", sha384},
                                algorithm_row{"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", sha512},
                                algorithm_row{"rsa-sha2-256", "ssh-rsa", sha256},
                                algorithm_row{"rsa-sha2-512", "ssh-rsa", sha512}};

// OpenSSH's PROTOCOL.certkeys.
constexpr std::string_view certificate_suffix = "-cert-v01@openssh.com";

error malformed() {
  return {make_error_code(errc::malformed), "the signature is malformed"};
}

bool verify(const public_key& key, const algorithm_row& row, octet_view data, octet_view signature,
            bool& well_formed) {
  if (row.name == "ssh-ed25519") return key.key.verify_ed25519(data, signature);
  if (row.key_type == "ssh-rsa") return key.key.verify_rsa(row.digest, data, signature);
  wire::reader from(signature);
  const auto r = from.mpint();
  const auto s = from.mpint();
  well_formed = r && s && from.at_end();
  return well_formed && key.key.verify_ecdsa(row.digest, data, *r, *s);
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
  if (!named || !value || !from.at_end()) return malformed();
  if (*named != algorithm)
    return error{
        make_error_code(errc::bad_signature),
        "the signature is by " + sanitise(*named) + ", not by " + std::string(algorithm) + " as agreed"};
  bool well_formed = true;
  if (verify(*key, *row, data, *value, well_formed)) return boost::system::in_place_value;
  if (!well_formed) return malformed();
  return error{make_error_code(errc::bad_signature), "the signature is wrong"};
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
