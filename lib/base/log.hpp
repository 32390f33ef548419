#pragma once

#include <spdlog/common.h>

#include <utility>

/// The logging seam: every line of the program goes through spdlog's default logger, which the
/// composition root sets up once. Levels: error and warn for what is wrong, info for what changed
/// (both shown by default), debug for one line per flow (-v), trace for protocol steps (-vv and up).
namespace tunnel::log {

namespace level = spdlog::level;

/// Writes a line, if lines of that level are wanted. Formatting is compiled here, once: spdlog's own
/// functions would compile it in every source that logs, which takes more time than the rest of most of them.
void write(level::level_enum how, fmt::string_view format, fmt::format_args arguments);

template <typename... Arguments>
void log(level::level_enum how, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write(how, format, fmt::make_format_args(arguments...));
}

template <typename... Arguments>
void trace(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  log(level::trace, format, std::forward<Arguments>(arguments)...);
}

template <typename... Arguments>
void debug(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  log(level::debug, format, std::forward<Arguments>(arguments)...);
}

template <typename... Arguments>
void info(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  log(level::info, format, std::forward<Arguments>(arguments)...);
}

template <typename... Arguments>
void warn(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  log(level::warn, format, std::forward<Arguments>(arguments)...);
}

template <typename... Arguments>
void error(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  log(level::err, format, std::forward<Arguments>(arguments)...);
}

}  // namespace tunnel::log
