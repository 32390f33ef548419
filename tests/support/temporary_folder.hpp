#pragma once

#include <filesystem>
#include <string>

namespace tunnel::support {

/// A folder of its own for a test, removed with all in it afterwards.
class temporary_folder {
 public:
  temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder();

  [[nodiscard]] std::string path(const std::string& name) const { return (root_ / name).string(); }
  /// Writes a file with the given permissions and gives its path back.
  std::string write(const std::string& name, const std::string& text, unsigned mode = 0600) const;

 private:
  std::filesystem::path root_;
};

std::string content_of(const std::string& path);

}  // namespace tunnel::support
