#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tunnel::integration {

/// A fresh directory below the system's temporary one, removed with all it holds when this object goes.
class temp_directory {
 public:
  temp_directory();
  ~temp_directory();
  temp_directory(const temp_directory&) = delete;
  temp_directory& operator=(const temp_directory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Replaces the file's content. Throws std::runtime_error.
void write_file(const std::filesystem::path& path, std::string_view content);

/// The file's content; empty when there is no such file.
std::string read_file(const std::filesystem::path& path);

}  // namespace tunnel::integration
