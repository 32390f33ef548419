// Any octets are a public key or an error, and any others are a signature of it or an error. A key's type is
// the one that its octets say, nothing may follow a key, and of a good signature no bit can be changed.
//
// Input: an octet for the algorithm, the key as a string, the signature; what is signed is always the same.

#include <cstdint>

#include "invariant.hpp"
#include "script.hpp"
#include "signed_text.hpp"
#include "ssh/keys/public_key.hpp"
#include "ssh/keys/signature.hpp"
#include "wire/reader.hpp"

namespace {

using namespace tunnel;
using namespace tunnel::fuzz;
using namespace tunnel::ssh::keys;

void check_key(octet_view blob) {
  const auto key = parse_public_key(blob);
  if (!key) return require_explained(key.error());
  require(wire::reader(blob).text() == key->type);
  octets longer(blob.begin(), blob.end());
  longer.push_back(0);
  require(!parse_public_key(longer));
}

void check_signature(std::string_view algorithm, octet_view blob, octet_view signature, std::uint32_t seed) {
  const auto verified = verify_signature(algorithm, blob, as_octets(signed_text), signature);
  if (!verified) return require_explained(verified.error());
  octets changed(signature.begin(), signature.end());
  changed[(seed / 8) % changed.size()] ^= static_cast<octet>(1U << (seed % 8));
  require(!verify_signature(algorithm, blob, as_octets(signed_text), changed));
  require(!verify_signature(algorithm, blob, as_octets("another text"), signature));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const octet_view input(data, size);
  script from(input);
  const auto algorithm = signature_algorithms()[from.byte() % signature_algorithms().size()];
  const auto blob = from.string();
  check_key(blob);
  check_signature(algorithm, blob, from.rest(), seed_of(input));
  return 0;
}
