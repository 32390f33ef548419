#include "log_sink.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace tunnel {

result<void> log_sink::open(const std::string& file) {
  const std::lock_guard lock(mutex_);
  return open_locked(file);
}

result<void> log_sink::reopen() {
  const std::lock_guard lock(mutex_);
  if (!file_.valid()) return boost::system::in_place_value;
  return open_locked(path_);
}

void log_sink::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  std::string_view rest(line.data(), line.size());
  while (!rest.empty()) {
    const ssize_t count = ::write(file_.valid() ? file_.get() : STDERR_FILENO, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw spdlog::spdlog_ex("cannot write the log", errno);
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
}

result<void> log_sink::open_locked(const std::string& file) {
  constexpr mode_t for_its_owner = 0600;
  descriptor opened(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, for_its_owner));
  if (!opened.valid()) {
    return with_reason("cannot open the log file " + file,
                       error_code(errno, boost::system::system_category()));
  }
  path_ = file;
  file_ = std::move(opened);
  return boost::system::in_place_value;
}

}  // namespace tunnel
