#include "logging.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <memory>
#include <utility>

namespace tunnel {

result<void> set_up_logging(log::level::level_enum level, const std::optional<std::string>& file) {
  spdlog::sink_ptr sink;
  try {
    if (file) {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(*file);
    } else {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }
  } catch (const spdlog::spdlog_ex& failure) {
    return error{make_error_code(boost::system::errc::io_error),
                 std::string("cannot write the log file: ") + failure.what()};
  }
  auto logger = std::make_shared<spdlog::logger>("tunnel", std::move(sink));
  logger->set_level(level);
  logger->flush_on(spdlog::level::trace);
  const bool dated = file || ::isatty(STDERR_FILENO) == 0;
  logger->set_pattern(dated ? "%Y-%m-%d %H:%M:%S.%e %l: %v" : "tunnel: %v");
  spdlog::set_default_logger(std::move(logger));
  return boost::system::in_place_value;
}

}  // namespace tunnel
