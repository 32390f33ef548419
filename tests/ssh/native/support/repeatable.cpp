#include "repeatable.hpp"

#include <random>

#include "crypto/signing_key.hpp"

namespace tunnel::ssh::native::support {

random_source repeatable_random(std::uint32_t seed) {
  return [engine = std::mt19937(seed)](octet_span to) mutable {
    for (auto& each : to) each = static_cast<octet>(engine());
  };
}

std::shared_ptr<const keys::private_key> repeatable_key(octet seed) {
  return std::make_shared<keys::private_key>(crypto::signing_key::ed25519(octets(32, seed)).value());
}

}  // namespace tunnel::ssh::native::support
