#pragma once

#include <string>

#include "base/octets.hpp"

namespace tunnel::config {

/// A key as a picture, which people compare more easily than fingerprints: as `ssh-keygen -lv` draws it, with
/// SHA-256, in lines without a newline behind the last. A blob that is no key has a picture too.
std::string randomart(octet_view key_blob);

}  // namespace tunnel::config
