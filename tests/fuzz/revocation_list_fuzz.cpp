// A list that revokes a key revokes every certificate of it, and nothing but a list revokes anything.

#include <array>
#include <cstdint>
#include <cstdlib>

#include "config/revocation_list.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tunnel;
  const octet_view list{data, size};
  const std::array<octet, 4> blob{0, 0, 0, 0};
  const std::array<octet, 4> authority{0, 0, 0, 1};
  const config::revocable_key plain{.blob = blob};
  const config::revocable_key certificate{
      .blob = blob, .certified = {{.authority_blob = authority, .serial = 70, .key_id = "the host"}}};
  const auto of_plain = config::is_revoked_by_list(list, plain);
  const auto of_certificate = config::is_revoked_by_list(list, certificate);
  // Whoever holds a certificate holds the key. The list may be malformed in what concerns certificates alone.
  if (of_plain && *of_plain && of_certificate && !*of_certificate) std::abort();
  if ((of_plain || of_certificate) && !config::is_revocation_list(list)) std::abort();
  return 0;
}
