#include "ssh/keys/public_key.hpp"

#include <array>
#include <bit>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "ssh/keys/errors.hpp"
#include "wire/reader.hpp"

namespace tunnel::ssh::keys {

namespace {

using crypto::verification_key;

constexpr std::string_view sk_ed25519 = "sk-ssh-ed25519@openssh.com";

struct curve_row {
  std::string_view type;
  std::string_view name;
  crypto::ec_curve curve;
  bool security_key;
};

constexpr std::array curves{
    curve_row{"ecdsa-sha2-nistp256", "nistp256", crypto::ec_curve::p256, false},
    curve_row{"ecdsa-sha2-nistp384", "nistp384", crypto::ec_curve::p384, false},
    curve_row{"ecdsa-sha2-nistp521", "nistp521", crypto::ec_curve::p521, false},
    curve_row{"sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", crypto::ec_curve::p256, true}};

error malformed(std::string_view type) {
  return {make_error_code(errc::malformed), "the " + sanitise(type) + " key is malformed"};
}

// What is left of the blob once the key itself is read.
result<public_key> finish(std::string_view type, std::optional<verification_key> key, bool security_key,
                          wire::reader rest) {
  const auto application = security_key ? rest.text() : std::string_view();
  if (!key || !application || !rest.at_end()) return malformed(type);
  return public_key{std::string(type), std::move(*key), std::string(*application)};
}

result<public_key> read_rsa(std::string_view type, wire::reader from) {
  const auto exponent = from.mpint();
  const auto modulus = from.mpint();
  if (!exponent || !modulus || !from.at_end()) return malformed(type);
  auto key = verification_key::rsa(*modulus, *exponent);
  if (!key)
    return error{make_error_code(errc::unsupported),
                 "the RSA key is not taken: only keys of " + std::to_string(verification_key::min_rsa_bits) +
                     " to " + std::to_string(verification_key::max_rsa_bits) +
                     " bits with an odd exponent of at most 64 bits are, and this one has " +
                     std::to_string(8 * modulus->size()) + " bits"};
  return public_key{std::string(type), std::move(*key)};
}

}  // namespace

std::size_t rsa_bits(octet_view blob) {
  wire::reader from(blob);
  if (from.text() != "ssh-rsa" || !from.mpint()) return 0;
  const auto modulus = from.mpint();
  if (!modulus || modulus->empty()) return 0;
  return 8 * modulus->size() - static_cast<std::size_t>(std::countl_zero(modulus->front()));
}

std::string too_short(std::size_t bits, std::size_t required) {
  return "it has " + std::to_string(bits) + " bits, and RequiredRSASize wants " + std::to_string(required);
}

result<public_key> parse_public_key(octet_view blob) {
  wire::reader from(blob);
  const auto type = from.text();
  if (!type) return malformed("public");
  if (*type == "ssh-rsa") return read_rsa(*type, from);
  if (*type == "ssh-ed25519" || *type == sk_ed25519) {
    const auto point = from.string();
    if (!point) return malformed(*type);
    return finish(*type, verification_key::ed25519(*point), *type == sk_ed25519, from);
  }
  for (const auto& row : curves) {
    if (*type != row.type) continue;
    const auto name = from.text();
    const auto point = from.string();
    if (name != row.name || !point) return malformed(*type);
    return finish(*type, verification_key::ecdsa(row.curve, *point), row.security_key, from);
  }
  return error{make_error_code(errc::unsupported), "keys of type " + sanitise(*type) + " are not taken"};
}

}  // namespace tunnel::ssh::keys
