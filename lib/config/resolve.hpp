#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "config/collected.hpp"
#include "config/environment.hpp"
#include "config/settings.hpp"

namespace tunnel::config {

/// What stands for IdentityFile when the user names none, not expanded.
std::span<const std::string_view> default_identity_files();

struct target_names {
  /// As the user gave it.
  std::string original;
  /// The real one: HostName expanded, perhaps made canonical.
  std::string host;
};

/// Fills in defaults, expands what is to be expanded and checks names, once all sources are read.
/// Errors: errc::malformed.
result<settings> resolve(collected values, const target_names& names, const environment& env);

/// Adds what ssh looks at only when it connects: IdentityFile, CertificateFile and RevokedHostKeys. Errors:
/// errc::malformed, a user or a variable in their paths is not there.
result<void> resolve_files_to_read(const collected& values, const environment& env, settings& resolved);

}  // namespace tunnel::config
