#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tunnel::config {

/// ssh_config(5), TOKENS: each letter with what it stands for. `%%` is always understood.
using token_values = std::vector<std::pair<char, std::string>>;

}  // namespace tunnel::config
