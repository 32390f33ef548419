// Any octets are a certificate or an error (OpenSSH's PROTOCOL.certkeys). Of one whose signature was verified
// no bit can be changed and nothing may follow it; it holds for a host only if it is a host's, at a time that
// it allows, with principals and without critical options. One that was not verified never holds.
//
// Input: an octet for the form, then a certificate. In the second form it is one up to its authority, which
// is put behind it together with the signature: nobody could guess those.

#include <cstdint>

#include "certificate_parts.hpp"
#include "invariant.hpp"
#include "script.hpp"
#include "ssh/keys/certificate.hpp"
#include "ssh/keys/public_key.hpp"
#include "wire/writer.hpp"

namespace {

using namespace tunnel;
using namespace tunnel::fuzz;
using namespace tunnel::ssh::keys;

constexpr std::string_view host = "host.example";
constexpr std::uint64_t now = 1'700'000'000;

octets with_authority(octet_view terms) {
  static const auto authority = ed25519_key(9);
  octets whole(terms.begin(), terms.end());
  wire::writer(whole).string(authority.public_blob());
  const auto signature = authority.sign("ssh-ed25519", whole).value();
  wire::writer(whole).string(signature);
  return whole;
}

void check_validity(const certificate& read) {
  const auto holds = check_host_certificate(read, host, now);
  if (!holds) return require_explained(holds.error());
  require(read.unverified.empty() && read.use == certificate::purpose::host);
  require(read.valid_after <= now && now < read.valid_before);
  require(!read.principals.empty() && read.critical_options.empty());
}

void check_changed(octet_view blob, std::uint32_t seed) {
  octets changed(blob.begin(), blob.end());
  changed[(seed / 8) % changed.size()] ^= static_cast<octet>(1U << (seed % 8));
  const auto read = parse_certificate(changed);
  require(!read || !read->unverified.empty());
}

void check(octet_view blob, std::uint32_t seed) {
  const auto read = parse_certificate(blob);
  if (!read) return require_explained(read.error());
  const auto key = parse_public_key(read->key_blob);
  require(key && read->type_name.starts_with(key->type));
  require(read->key_blob.size() + read->authority_blob.size() < blob.size());
  check_validity(*read);

  octets longer(blob.begin(), blob.end());
  longer.push_back(0);
  require(!parse_certificate(longer));
  if (read->unverified.empty()) check_changed(blob, seed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const octet_view input(data, size);
  script from(input);
  if (from.byte() % 2 == 0) {
    check(from.rest(), seed_of(input));
  } else {
    check(with_authority(from.rest()), seed_of(input));
  }
  return 0;
}
