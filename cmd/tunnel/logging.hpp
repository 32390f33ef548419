#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/log.hpp"

namespace tunnel {

/// Sends log lines to standard error, or to `file` (-E, appended to), from `level` up. On a terminal a line
/// is the plain sentence, as ssh's are; elsewhere it carries date and time.
/// Errors: a file that cannot be opened.
result<void> set_up_logging(log::level::level_enum level, const std::optional<std::string>& file);

}  // namespace tunnel
