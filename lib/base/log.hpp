#pragma once

#include <spdlog/spdlog.h>

/// The logging seam: every line of the program goes through spdlog's default logger, which the
/// composition root sets up once. Levels: error and warn for what is wrong, info for what changed
/// (both shown by default), debug for one line per flow (-v), trace for protocol steps (-vv and up).
namespace tunnel::log {

using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::log;
using spdlog::trace;
using spdlog::warn;

namespace level = spdlog::level;

}  // namespace tunnel::log
