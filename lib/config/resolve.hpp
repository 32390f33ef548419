#pragma once

#include <string>

#include "base/error.hpp"
#include "config/collected.hpp"
#include "config/environment.hpp"
#include "config/settings.hpp"

namespace tunnel::config {

/// Fills in defaults, expands what is to be expanded and checks names, once all sources are read.
/// Errors: errc::malformed.
result<settings> resolve(collected values, const std::string& original_host, const environment& env);

}  // namespace tunnel::config
