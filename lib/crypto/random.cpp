#include "crypto/random.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace tunnel::crypto {

void fill_random(octet_span out) {
  constexpr std::size_t most_at_once = std::size_t{1} << 20U;
  while (!out.empty()) {
    const octet_span part = out.first(std::min(out.size(), most_at_once));
    if (RAND_bytes(part.data(), static_cast<int>(part.size())) != 1)
      throw std::runtime_error("libcrypto has no random octets");
    out = out.subspan(part.size());
  }
}

}  // namespace tunnel::crypto
