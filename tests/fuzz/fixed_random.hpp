#pragma once

#include "base/octets.hpp"

namespace tunnel::fuzz {

/// From here on, what this project and libcrypto take for random octets is always the same: an input does
/// what it did before, and a server's recorded part of a handshake fits the client's.
void restart_fixed_random();

/// The next of them: a random_source.
void fill_fixed(octet_span to);

}  // namespace tunnel::fuzz
