#pragma once

#include <string>

#include "config/chosen_algorithms.hpp"
#include "config/ssh_config.hpp"

namespace tunnel::config {

/// What -G prints: a line for each keyword that is honoured, in the words, order and format of `ssh -G`.
///
/// Files are named as they were written, as there; lists of algorithms are the engine's, and left out where
/// it has none of that kind.
std::string list_configuration(const configuration& read, const chosen_algorithms& chosen);

}  // namespace tunnel::config
