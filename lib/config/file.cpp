#include "config/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/descriptor.hpp"
#include "config/errors.hpp"

namespace tunnel::config {
namespace {

constexpr std::size_t chunk = std::size_t{16} * 1024;

// The text may be a private key: what growing leaves behind is wiped, so no copy outlives the string.
void grow(std::string& text, std::size_t size) {
  std::string larger;
  larger.reserve(size);
  larger.assign(text);
  explicit_bzero(text.data(), text.size());
  text.swap(larger);
}

result<void> read_all(int from, const std::string& path, std::size_t limit, std::string& text) {
  for (;;) {
    if (text.capacity() - text.size() < chunk) grow(text, text.capacity() * 2 + chunk);
    const std::size_t before = text.size();
    text.resize(before + chunk);
    const ssize_t count = ::read(from, text.data() + before, chunk);
    const int problem = errno;
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count == 0) return {};
    if (count < 0 && problem != EINTR) return system_failure("cannot read " + path, problem);
    if (text.size() > limit)
      return failure(errc::too_large,
                     path + " has more than " + std::to_string(limit) + " octets, too many for such a file");
  }
}

}  // namespace

result<file_content> read_file(const std::string& path, std::size_t limit) {
  const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.valid()) return system_failure("cannot open " + path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_failure("cannot examine " + path, errno);

  file_content content{.text = {}, .owner = status.st_uid, .group = status.st_gid, .mode = status.st_mode};
  const auto size = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
  content.text.reserve(std::min(size, limit) + chunk);
  const auto done = read_all(file.get(), path, limit, content.text);
  if (!done) return done.error();
  return content;
}

}  // namespace tunnel::config
