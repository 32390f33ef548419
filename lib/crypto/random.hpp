#pragma once

#include "base/octets.hpp"

namespace tunnel::crypto {

/// Fills `out` with octets nobody can guess. Throws std::runtime_error when the system has none.
void fill_random(octet_span out);

}  // namespace tunnel::crypto
