#pragma once

#include <string>

#include "base/error.hpp"
#include "config/collected.hpp"
#include "config/environment.hpp"

namespace tunnel::config {

/// ssh_config(5), CanonicalizeHostname: the full name of a host that was named in short, found by looking up
/// the name in each of CanonicalDomains, and by following CNAMEs as far as they are permitted. The same name
/// where that is off or finds nothing.
///
/// `host` is in the form of canonical_host. Blocks while names are looked up.
/// Errors: errc::unknown_host, when CanonicalizeFallbackLocal is off or CNAMEs of an unknown name are to be
/// followed.
result<std::string> canonicalize_host(const std::string& host, const collected& values,
                                      const environment& env);

}  // namespace tunnel::config
