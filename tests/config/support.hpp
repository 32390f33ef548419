#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/environment.hpp"
#include "config/ssh_config.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::config {

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
  /// What was run, in order. A command that ends with "true" succeeds, others fail.
  std::vector<std::string> commands;
  /// Hosts that can be looked up, with their canonical names.
  std::map<std::string, std::string> names;
};

/// The settings for `host` from ~/.ssh/config with the given text alone.
result<settings> settings_from(const std::string& text, const std::string& host = "host");

/// The settings for `host` from options of -o alone.
result<settings> settings_from_options(const std::vector<std::string>& options,
                                       const std::string& host = "host");

}  // namespace tunnel::config
