#include "support/temporary_folder.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace tunnel::support {

temporary_folder::temporary_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "tunnel-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  root_ = pattern;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

std::string temporary_folder::write(const std::string& name, const std::string& text, unsigned mode) const {
  const std::string file = path(name);
  std::ofstream(file, std::ios::binary) << text;
  ::chmod(file.c_str(), mode);
  return file;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace tunnel::support
