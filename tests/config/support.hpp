#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/environment.hpp"
#include "config/ssh_config.hpp"

namespace tunnel::config {

/// A folder of its own for a test, removed with all in it afterwards.
class scratch_folder {
 public:
  scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder();

  [[nodiscard]] std::string path(const std::string& name) const { return (root_ / name).string(); }
  /// Writes a file with the given permissions and gives its path back.
  std::string write(const std::string& name, const std::string& text, unsigned mode = 0600) const;

 private:
  std::filesystem::path root_;
};

std::string content_of(const std::string& path);

/// What a program prints on standard output; nothing when it fails. `command` goes through the shell, which
/// is fine for text that the test made. Bounded by timeout(1).
std::optional<std::string> output_of(const std::string& command);

/// Files that exist only in memory, for an environment with home /home/me and user me (id 1000).
struct memory_files {
  std::map<std::string, file_content> files;

  void add(const std::string& path, const std::string& text, uid_t owner = 1000, mode_t mode = 0600);
  /// Lives no longer than this. Its glob understands a star in the last component only.
  environment env();

  std::map<std::string, std::string> variables;
};

/// The settings for `host` from ~/.ssh/config with the given text alone.
result<settings> settings_from(const std::string& text, const std::string& host = "host");

/// The settings for `host` from options of -o alone.
result<settings> settings_from_options(const std::vector<std::string>& options,
                                       const std::string& host = "host");

}  // namespace tunnel::config
