#pragma once

#include <map>
#include <string>

#include "support/temp_directory.hpp"

namespace tunnel::integration {

/// The environment of a program whose questions are all answered with `secret`, through SSH_ASKPASS. The
/// program that does so is written into `directory`. `secret` has no single quote.
std::map<std::string, std::string> answering(const temp_directory& directory, const std::string& secret);

}  // namespace tunnel::integration
