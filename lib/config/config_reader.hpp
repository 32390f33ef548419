#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "config/arguments.hpp"
#include "config/collected.hpp"
#include "config/environment.hpp"
#include "config/keywords.hpp"
#include "config/match_block.hpp"

namespace tunnel::config {

/// Policy: real files have some KiB.
inline constexpr std::size_t max_config_file = std::size_t{1024} * 1024;
/// Specification: ssh's own limit.
inline constexpr int max_include_depth = 16;
/// Policy: an Include that names its own folder would otherwise be followed for hours.
inline constexpr std::size_t max_config_files = 1000;

/// Whose file it is: decides what relative Includes mean and whether `~` is allowed in them.
enum class config_owner { user, system };

/// Whether a file must belong to root or the user and be writable by nobody else.
enum class permission_check { required, skipped };

/// Reads options and files in the order of their precedence into one `collected`.
///
/// An error names the file and line (or `command-line`) and ends the reading for good.
class config_reader {
 public:
  /// The first reading: `original_host` is the host as the user gave it. All must outlive the reader.
  config_reader(const std::string& original_host, const environment& env, collected& to)
      : original_host_(original_host), host_(original_host), env_(env), to_(to) {}

  /// The second reading, in which `final` and `canonical` hold and Host is about `host`, the real name.
  config_reader(const std::string& original_host, const std::string& host, const environment& env,
                collected& to)
      : original_host_(original_host), host_(host), env_(env), to_(to), final_pass_(true) {}

  /// Whether a block is for the second reading.
  [[nodiscard]] bool wants_final_pass() const { return wants_final_pass_; }

  /// One argument of `-o`, or with a keyword that of the letter that stands for it.
  result<void> read_option(const std::string& keyword, const std::string& value);

  /// A file and all that it includes. Errors: also those of opening it.
  result<void> read_file(const std::string& path, config_owner owner, permission_check check);

 private:
  struct place {
    std::string file;
    std::size_t line = 0;
    config_owner owner = config_owner::user;
    int depth = 0;
  };

  result<void> read_at(place at, permission_check check, bool& active);
  [[nodiscard]] bool is_safe(const file_content& file) const;
  result<void> read_lines(std::string_view text, place& at, bool& active);
  result<void> read_line(const config_line& line, const place& at, bool& active);
  result<void> begin_match(const config_line& line, const place& at, bool& active);
  result<match_subject> subject() const;
  [[nodiscard]] environment globbing_environment() const;
  result<void> include(const config_line& line, const place& at, bool active);
  result<void> include_pattern(const std::string& pattern, const place& at, bool active);
  result<void> apply(const keyword& known, const config_line& line, bool active, const std::string& where);
  result<const keyword*> look_up(const std::string& name) const;
  void warn(std::string sentence);

  const std::string& original_host_;
  const std::string& host_;
  const environment& env_;
  collected& to_;
  bool final_pass_ = false;
  bool wants_final_pass_ = false;
  std::size_t files_ = 0;
  // Set while what an inactive block includes is only checked.
  bool never_active_ = false;
};

}  // namespace tunnel::config
