#include "config/errors.hpp"

#include <utility>

namespace tunnel::config {
namespace {

class category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "config"; }

  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::malformed:
        return "malformed value";
      case errc::unknown_keyword:
        return "unknown keyword";
      case errc::unsafe_permissions:
        return "unsafe owner or permissions";
      case errc::unreadable:
        return "unreadable file";
      case errc::too_large:
        return "file too large";
      case errc::command_failed:
        return "command failed";
      case errc::unknown_host:
        return "unknown host";
      case errc::refused:
        return "connection refused by the configuration";
    }
    return "unknown configuration error";
  }
};

}  // namespace

const boost::system::error_category& config_category() {
  static const category instance;
  return instance;
}

error failure(errc code, std::string message) {
  return {make_error_code(code), std::move(message)};
}

error system_failure(std::string what, int number) {
  return with_reason(std::move(what), error_code(number, boost::system::system_category()));
}

bool is_absent(const error& problem) {
  return problem.code == boost::system::errc::no_such_file_or_directory ||
         problem.code == boost::system::errc::not_a_directory;
}

bool is_folder(const error& problem) {
  return problem.code == boost::system::errc::is_a_directory;
}

}  // namespace tunnel::config
