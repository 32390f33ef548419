#include "ssh/keys/public_key.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "ssh/keys/errors.hpp"
#include "wire/reader.hpp"

namespace tunnel::ssh::keys {

namespace {

using crypto::verification_key;

struct curve_row {
  std::string_view type;
  std::string_view name;
  crypto::ec_curve curve;
};

constexpr std::array curves{curve_row{"ecdsa-sha2-nistp256", "nistp256", crypto::ec_curve::p256},
                            curve_row{"ecdsa-sha2-nistp384", "nistp384", crypto::ec_curve::p384},
                            curve_row{"ecdsa-sha2-nistp521", "nistp521", crypto::ec_curve::p521}};

error malformed(std::string_view type) {
  return {make_error_code(errc::malformed), "the " + sanitise(type) + " key is malformed"};
}

result<public_key> finish(std::string_view type, std::optional<verification_key> key) {
  if (!key) return malformed(type);
  return public_key{std::string(type), std::move(*key)};
}

result<public_key> read_rsa(std::string_view type, wire::reader from) {
  const auto exponent = from.mpint();
  const auto modulus = from.mpint();
  if (!exponent || !modulus || !from.at_end()) return malformed(type);
  auto key = verification_key::rsa(*modulus, *exponent);
  if (!key)
    return error{make_error_code(errc::unsupported),
                 "the RSA key has " + std::to_string(8 * modulus->size()) +
                     " bits or an odd exponent; keys of " + std::to_string(verification_key::min_rsa_bits) +
                     " to " + std::to_string(verification_key::max_rsa_bits) + " bits are taken"};
  return public_key{std::string(type), std::move(*key)};
}

}  // namespace

result<public_key> parse_public_key(octet_view blob) {
  wire::reader from(blob);
  const auto type = from.text();
  if (!type) return malformed("public");
  if (*type == "ssh-rsa") return read_rsa(*type, from);
  if (*type == "ssh-ed25519") {
    const auto point = from.string();
    if (!point || !from.at_end()) return malformed(*type);
    return finish(*type, verification_key::ed25519(*point));
  }
  for (const auto& row : curves) {
    if (*type != row.type) continue;
    const auto name = from.text();
    const auto point = from.string();
    if (name != row.name || !point || !from.at_end()) return malformed(*type);
    return finish(*type, verification_key::ecdsa(row.curve, *point));
  }
  return error{make_error_code(errc::unsupported), "keys of type " + sanitise(*type) + " are not taken"};
}

}  // namespace tunnel::ssh::keys
