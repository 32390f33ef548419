#include "logging.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

namespace tunnel {

namespace {

constexpr const char* dated = "%Y-%m-%d %H:%M:%S.%e %l: %v";
constexpr const char* plain = "tunnel: %v";

}  // namespace

program_log::program_log()
    : sink_(std::make_shared<log_sink>()), logger_(std::make_shared<spdlog::logger>("tunnel", sink_)) {
  logger_->set_pattern(::isatty(STDERR_FILENO) == 0 ? dated : plain);
  spdlog::set_default_logger(logger_);
}

void program_log::show_from(log::level::level_enum level) {
  logger_->set_level(level);
}

result<void> program_log::write_to(const std::string& file) {
  auto opened = sink_->open(file);
  if (opened) logger_->set_pattern(dated);
  return opened;
}

result<void> program_log::reopen() {
  return sink_->reopen();
}

}  // namespace tunnel
