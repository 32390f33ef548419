#pragma once

#include <string>

#include "base/error.hpp"
#include "control/request.hpp"

namespace tunnel::control {

/// Asks the tunnel at that control socket, and waits for its answer, 5 s at most.
/// Errors: when there is none, or it does not answer, with the path in the sentence.
result<reply> ask(const std::string& path, request what);

}  // namespace tunnel::control
