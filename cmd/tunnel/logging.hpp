#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/log.hpp"
#include "log_sink.hpp"

namespace tunnel {

/// The log of the program: spdlog's default logger, the same from beginning to end, since threads that log do
/// not own it. At first its lines go to standard error, from info up.
///
/// On a terminal a line is the plain sentence, as ssh's are; elsewhere it carries date and time.
///
/// One in the process, made before there are threads. Thread: reopen() any, the others before there are more.
class program_log {
 public:
  program_log();

  /// Lines from `level` up.
  void show_from(log::level::level_enum level);

  /// Sends lines to `file` (-E, appended to).
  /// Errors: a file that cannot be opened.
  result<void> write_to(const std::string& file);

  /// Opens the file anew, after it was moved away. Without one it does nothing.
  /// Errors: a file that cannot be opened; then lines still go to the old one.
  result<void> reopen();

 private:
  std::shared_ptr<log_sink> sink_;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace tunnel
