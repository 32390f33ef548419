// Any octets are the proof that a server has some host keys, or none. Of a proof no bit can be changed,
// nothing may be missing or follow, and it is good for no other session.
//
// Input: the number of keys, the keys as strings, the server's answer; the session identifier is always the
// same.

#include <cstdint>
#include <vector>

#include "invariant.hpp"
#include "script.hpp"
#include "signed_text.hpp"
#include "ssh/native/core/host_key_proof.hpp"

namespace {

using namespace tunnel;
using namespace tunnel::fuzz;
using ssh::native::check_host_key_proof;

constexpr unsigned max_keys = 4;

void check_others(const std::vector<octets>& keys, octet_view answer, std::uint32_t seed) {
  octets changed(answer.begin(), answer.end());
  changed[(seed / 8) % changed.size()] ^= static_cast<octet>(1U << (seed % 8));
  require(!check_host_key_proof(keys, as_octets(signed_text), changed));
  require(!check_host_key_proof(keys, as_octets("another session"), answer));
  require(!check_host_key_proof(keys, as_octets(signed_text), answer.first(answer.size() - 1)));
  octets longer(answer.begin(), answer.end());
  longer.push_back(0);
  require(!check_host_key_proof(keys, as_octets(signed_text), longer));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const octet_view input(data, size);
  script from(input);
  std::vector<octets> keys(1 + from.byte() % max_keys);
  for (auto& key : keys) {
    const auto blob = from.string();
    key.assign(blob.begin(), blob.end());
  }
  const auto answer = from.rest();
  const auto proved = check_host_key_proof(keys, as_octets(signed_text), answer);
  if (!proved) {
    require_explained(proved.error());
  } else {
    check_others(keys, answer, seed_of(input));
  }
  return 0;
}
