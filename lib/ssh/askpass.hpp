#pragma once

#include <optional>
#include <string>

#include "base/secret.hpp"

namespace tunnel::ssh {

/// Runs `program` (a path, or a name to be found in PATH) with `prompt` as its only argument, without a
/// shell, and gives the first line that it prints. Standard input is /dev/null, standard error ours.
///
/// Nothing when it cannot be run, ends with a failure (the user declined), prints more than max_answer
/// octets, or when `cancel`, a descriptor, becomes readable. Blocks until the program has ended.
std::optional<secret> ask_program(const std::string& program, const std::string& prompt, int cancel);

}  // namespace tunnel::ssh
