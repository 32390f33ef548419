#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace tunnel::config {

/// Policy: `Match exec` and KnownHostsCommand may ask the network something, but a person waits for the
/// answer.
inline constexpr std::chrono::seconds max_command_time{30};
/// Policy: as large as a known_hosts file may be.
inline constexpr std::size_t max_command_output = std::size_t{16} * 1024 * 1024;

struct command_outcome {
  /// The exit status.
  int status = 0;
  /// What it wrote to its standard output, if that was wanted.
  std::string output = {};
};

enum class command_output { ignored, wanted };

/// Runs a program and waits for its end. It reads from /dev/null, writes its errors where this program does,
/// and has no other descriptors. `words[0]` is its path.
///
/// Blocks the calling thread, at most `limit` long; a program that takes longer is killed.
/// Errors: the system's, when it cannot be started; errc::command_failed when it takes too long or is ended
/// by a signal; errc::too_large.
result<command_outcome> run_command(const std::vector<std::string>& words, command_output output,
                                    std::chrono::milliseconds limit = max_command_time);

}  // namespace tunnel::config
