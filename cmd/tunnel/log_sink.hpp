#pragma once

#include <spdlog/sinks/base_sink.h>

#include <mutex>
#include <optional>
#include <string>

#include "base/descriptor.hpp"
#include "base/error.hpp"

namespace tunnel {

/// Where the log's lines go: to standard error, or to a file that can be opened anew while other threads log.
///
/// Each line is one write(2), so that nothing is lost should the program end at once, and that programs may
/// share a file. spdlog reports a line that cannot be written on standard error.
///
/// Thread: any. While a file is being opened, lines wait; each goes to one file or the other.
class log_sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  /// Lines go to `file` from now on. As ssh's -E: it is appended to, made for its owner alone if there is
  /// none, and its folder has to be there. Errors: the system's; then lines go where they went before.
  result<void> open(const std::string& file);

  /// Opens the file under its name once more; with standard error it does nothing.
  /// Errors: as open().
  result<void> reopen();

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  // Nothing is kept here.
  void flush_() override {}

 private:
  result<void> open_locked(const std::string& file);

  std::string path_;
  // Standard error without one.
  descriptor file_;
};

}  // namespace tunnel
