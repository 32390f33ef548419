// Any content is a private key, a public one, or none. What is found of a public key is consistent.

#include <cstdint>
#include <cstdlib>

#include "config/key_file.hpp"
#include "crypto/base64.hpp"

namespace {

void examine(std::string_view content) {
  using namespace tunnel;
  const auto info = config::examine_private_key(content);
  if (!info) return;
  if (info->secret_part == config::private_part::absent) std::abort();
  if (info->key && config::type_of_blob(info->key->blob) != info->key->type) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tunnel;
  examine(as_text({data, size}));
  // The same octets as the container's content: the armour would keep the fuzzer from its inside.
  octets inside = {'o', 'p', 'e', 'n', 's', 's', 'h', '-', 'k', 'e', 'y', '-', 'v', '1', 0};
  inside.insert(inside.end(), data, data + size);
  examine("-----BEGIN OPENSSH PRIVATE KEY-----\n" + crypto::base64_encode(inside) +
          "\n-----END OPENSSH PRIVATE KEY-----\n");
  static_cast<void>(config::parse_public_key(as_text({data, size})));
  return 0;
}
