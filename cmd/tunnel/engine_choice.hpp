#pragma once

#include <memory>
#include <string>

#include "base/error.hpp"
#include "config/chosen_algorithms.hpp"
#include "config/settings.hpp"
#include "ssh/engine.hpp"

namespace tunnel {

/// What that engine would offer to the server. Empty for one that takes no wishes. Errors: lists of
/// algorithms in which nothing is left.
result<config::chosen_algorithms> algorithms_of(const std::string& name, config::settings& settings);

/// The engine that --engine names, set up as the user's settings say. What it cannot heed of them is added to
/// their warnings. Errors: lists of algorithms in which nothing is left.
result<std::unique_ptr<ssh::engine>> make_engine(const std::string& name, config::settings& settings);

}  // namespace tunnel
