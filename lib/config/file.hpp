#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "base/error.hpp"

namespace tunnel::config {

/// Of files that are the user's alone.
inline constexpr mode_t private_file = 0600;

/// A file's octets, with what is needed to judge whether to believe them.
struct file_content {
  std::string text;
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0;
};

/// Reads a whole file of at most `limit` octets. Devices and pipes are read too: `-F <(...)` and
/// `/dev/null` are in use.
///
/// Errors: what open(2) or read(2) say (`is_absent` tells a missing file apart), errc::too_large.
result<file_content> read_file(const std::string& path, std::size_t limit);

}  // namespace tunnel::config
