#pragma once

#include <cstdint>
#include <memory>

#include "ssh/keys/private_key.hpp"
#include "ssh/native/core/packet_encoder.hpp"

/// A server of our own for tests of the native engine's core, with nothing of GoogleTest's in it.
namespace tunnel::ssh::native::support {

/// Octets that look random and are the same in each run.
random_source repeatable_random(std::uint32_t seed = 1);

/// The Ed25519 key whose seed consists of this octet alone.
std::shared_ptr<const keys::private_key> repeatable_key(octet seed = 1);

}  // namespace tunnel::ssh::native::support
