#include "ssh/keys/certificate.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "config/pattern.hpp"
#include "ssh/keys/errors.hpp"
#include "ssh/keys/public_key.hpp"
#include "ssh/keys/signature.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::keys {

namespace {

struct type_row {
  std::string_view certificate;
  std::string_view plain;
  /// Strings that make the plain key: a point, a curve and a point, an exponent and a modulus.
  std::size_t fields;
};

constexpr std::array types{type_row{"ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", 1},
                           type_row{"ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256", 2},
                           type_row{"ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp384", 2},
                           type_row{"ecdsa-sha2-nistp521-cert-v01@openssh.com", "ecdsa-sha2-nistp521", 2},
                           type_row{"ssh-rsa-cert-v01@openssh.com", "ssh-rsa", 2}};

constexpr auto type_names = [] {
  std::array<std::string_view, types.size()> names;
  std::ranges::transform(types, names.begin(), &type_row::certificate);
  return names;
}();

// Policy: OpenSSH's SSHKEY_CERT_MAX_PRINCIPALS.
constexpr std::size_t max_principals = 256;

error malformed_certificate() {
  return {make_error_code(errc::malformed), "the certificate is malformed"};
}

std::optional<std::vector<std::string>> read_strings(octet_view packed) {
  std::vector<std::string> strings;
  wire::reader from(packed);
  while (!from.at_end()) {
    const auto each = from.text();
    if (!each || strings.size() == max_principals) return std::nullopt;
    strings.emplace_back(*each);
  }
  return strings;
}

// Names and values in turn; the names.
std::optional<std::vector<std::string>> read_option_names(octet_view packed) {
  std::vector<std::string> names;
  wire::reader from(packed);
  while (!from.at_end()) {
    const auto name = from.text();
    if (!name || !from.string()) return std::nullopt;
    names.emplace_back(*name);
  }
  return names;
}

bool read_key(wire::reader& from, const type_row& row, certificate& into) {
  wire::writer to(into.key_blob);
  to.text(row.plain);
  for (std::size_t i = 0; i < row.fields; ++i) {
    const auto field = from.string();
    if (!field) return false;
    to.string(*field);
  }
  return true;
}

bool read_terms(wire::reader& from, certificate& into) {
  const auto serial = from.uint64();
  const auto use = from.uint32();
  const auto id = from.text();
  const auto principals = from.string();
  const auto after = from.uint64();
  const auto before = from.uint64();
  const auto critical = from.string();
  const auto extensions = from.string();
  const auto reserved = from.string();
  if (!serial || !use || !id || !principals || !after || !before || !critical || !extensions || !reserved)
    return false;
  auto names = read_strings(*principals);
  auto options = read_option_names(*critical);
  if (!names || !options || !read_option_names(*extensions)) return false;
  const bool known = *use == static_cast<std::uint32_t>(certificate::purpose::user) ||
                     *use == static_cast<std::uint32_t>(certificate::purpose::host);
  if (!known) return false;
  into.serial = *serial;
  into.use = static_cast<certificate::purpose>(*use);
  into.key_id = *id;
  into.principals = std::move(*names);
  into.valid_after = *after;
  into.valid_before = *before;
  into.critical_options = std::move(*options);
  return true;
}

std::string day(std::uint64_t seconds) {
  const auto time = static_cast<std::time_t>(std::min<std::uint64_t>(seconds, 253402300799));
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts);
  return text.data();
}

error refuse(std::string why) {
  return {make_error_code(errc::not_valid), std::move(why)};
}

result<void> verify_authority(certificate& read, octet_view signed_octets, octet_view signature) {
  const auto type = wire::reader(read.authority_blob).text();
  if (!type) return malformed_certificate();
  if (is_certificate_algorithm(*type))
    return error{make_error_code(errc::malformed), "the certificate's authority is itself a certificate"};
  const auto verified =
      verify_signature(read.signature_algorithm, read.authority_blob, signed_octets, signature);
  if (verified) return boost::system::in_place_value;
  const auto why = "the authority's signature on the certificate: " + verified.error().message;
  if (verified.error().code != errc::unsupported) return error{verified.error().code, why};
  read.unverified = why;
  return boost::system::in_place_value;
}

}  // namespace

std::span<const std::string_view> certificate_types() {
  return type_names;
}

result<certificate> parse_certificate(octet_view blob) {
  wire::reader from(blob);
  const auto type = from.text();
  if (!type) return malformed_certificate();
  const auto* const row = std::ranges::find(types, *type, &type_row::certificate);
  if (row == types.end())
    return error{make_error_code(errc::unsupported),
                 sanitise(*type) + " is no certificate that is known here"};
  certificate read;
  read.type_name = *type;
  const auto nonce = from.string();
  if (!nonce || !read_key(from, *row, read) || !read_terms(from, read)) return malformed_certificate();
  const auto authority = from.string();
  const auto signed_octets = blob.first(blob.size() - from.rest().size());
  const auto signature = from.string();
  if (!authority || !signature || !from.at_end()) return malformed_certificate();
  if (const auto key = parse_public_key(read.key_blob); !key) return key.error();
  const auto algorithm = wire::reader(*signature).text();
  if (!algorithm) return malformed_certificate();
  read.authority_blob.assign(authority->begin(), authority->end());
  read.signature_algorithm = *algorithm;
  if (const auto verified = verify_authority(read, signed_octets, *signature); !verified)
    return verified.error();
  return read;
}

result<void> check_host_certificate(const certificate& shown, std::string_view name, std::uint64_t now) {
  if (!shown.unverified.empty()) return refuse(shown.unverified);
  if (shown.use != certificate::purpose::host) return refuse("it is a user's certificate, not a host's");
  if (now < shown.valid_after) return refuse("it is not valid before " + day(shown.valid_after));
  if (now >= shown.valid_before) return refuse("it expired at " + day(shown.valid_before));
  if (!shown.critical_options.empty())
    return refuse("it has the critical option " + sanitise(shown.critical_options.front()) +
                  ", which means nothing for hosts");
  const auto fits = [name](const std::string& principal) { return config::matches(name, principal); };
  if (std::ranges::any_of(shown.principals, fits)) return boost::system::in_place_value;
  std::string list;
  for (const auto& principal : shown.principals) list += (list.empty() ? "" : ", ") + principal;
  return refuse("it is not for " + sanitise(name) + " but for " + (list.empty() ? "nobody" : sanitise(list)));
}

}  // namespace tunnel::ssh::keys
