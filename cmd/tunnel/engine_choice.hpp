#pragma once

#include <memory>
#include <string>

#include "base/error.hpp"
#include "config/settings.hpp"
#include "ssh/engine.hpp"

namespace tunnel {

/// The engine that --engine names, set up as the user's settings say. What it cannot heed of them is added to
/// their warnings. Errors: lists of algorithms in which nothing is left.
result<std::unique_ptr<ssh::engine>> make_engine(const std::string& name, config::settings& settings);

}  // namespace tunnel
