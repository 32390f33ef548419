#include "base/log.hpp"

#include <spdlog/spdlog.h>

namespace tunnel::log {

void write(level::level_enum how, fmt::string_view format, fmt::format_args arguments) {
  if (!spdlog::should_log(how)) return;
  fmt::memory_buffer line;
  fmt::vformat_to(fmt::appender(line), format, arguments);
  spdlog::log(how, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace tunnel::log
