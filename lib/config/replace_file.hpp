#pragma once

#include <functional>
#include <string>

#include "base/error.hpp"

namespace tunnel::config {

/// Puts other text in a file's place in one step, by a file beside it and rename(2): whoever reads it sees
/// the old text or the new one. Mode and owner stay; a missing file gets mode 0600. A symbolic link stays,
/// and what it leads to is replaced, if the link belongs to the user or root. `change` makes the new text of
/// the old one, again if the file was written to meanwhile; nothing is written when it gives the same.
///
/// Errors: the system's; errc::too_large beyond `limit` octets; errc::unsafe_permissions for somebody else's
///   link, or what is no plain file.
result<void> replace_file(const std::string& file, std::size_t limit,
                          const std::function<std::string(const std::string& text)>& change);

}  // namespace tunnel::config
