#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/descriptor.hpp"
#include "config/errors.hpp"
#include "config/file.hpp"
#include "config/known_hosts.hpp"
#include "config/known_hosts_line.hpp"

namespace tunnel::config {
namespace {

constexpr mode_t private_folder = 0700;
constexpr int open_flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY;

result<void> make_folder_around(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  if (slash == std::string::npos || slash == 0) return {};
  const std::string folder = file.substr(0, slash);
  if (::mkdir(folder.c_str(), private_folder) == 0 || errno == EEXIST) return {};
  return system_failure("cannot make the folder " + folder, errno);
}

// For a path that is a symbolic link.
result<int> open_through_link(const std::string& file) {
  struct stat link {};
  if (::lstat(file.c_str(), &link) != 0) return system_failure("cannot examine " + file, errno);
  if (link.st_uid != 0 && link.st_uid != ::geteuid())
    return failure(errc::unsafe_permissions,
                   "will not write to " + file + ": it is another user's symbolic link");
  const int opened = ::open(file.c_str(), open_flags, private_file);
  if (opened < 0) return system_failure("cannot write to " + file, errno);
  return opened;
}

result<int> open_for_append(const std::string& file) {
  if (const auto fine = make_folder_around(file); !fine) return fine.error();
  const int opened = ::open(file.c_str(), open_flags | O_NOFOLLOW, private_file);
  if (opened >= 0) return opened;
  if (errno == ELOOP) return open_through_link(file);
  return system_failure("cannot write to " + file, errno);
}

bool ends_unfinished(int file) {
  struct stat status {};
  if (::fstat(file, &status) != 0 || status.st_size == 0) return false;
  std::array<char, 1> last{};
  return ::pread(file, last.data(), last.size(), status.st_size - 1) == 1 && last[0] != '\n';
}

result<void> write_line(int to, const std::string& file, std::string line) {
  if (ends_unfinished(to)) line.insert(line.begin(), '\n');
  // One call, so that lines of programs that append at the same time do not mix.
  const ssize_t count = ::write(to, line.data(), line.size());
  if (count < 0) return system_failure("cannot write to " + file, errno);
  if (static_cast<std::size_t>(count) != line.size())
    return system_failure("cannot write to " + file, ENOSPC);
  // What is no file on a disk (/dev/null is in use here) says EINVAL.
  if (::fsync(to) != 0 && errno != EINVAL) return system_failure("cannot write to " + file, errno);
  return {};
}

}  // namespace

result<void> append_host_key(const std::string& file, std::span<const std::string> names, octet_view key_blob,
                             host_name_form form) {
  const auto lines = known_hosts_lines(names, key_blob, form);
  if (!lines) return lines.error();
  const auto opened = open_for_append(file);
  if (!opened) return opened.error();
  const descriptor to(*opened);
  return write_line(to.get(), file, *lines);
}

result<void> append_host_key(const std::string& file, std::string_view host, std::uint16_t port,
                             octet_view key_blob, host_name_form form) {
  const std::vector<std::string> names = {known_hosts_name(host, port)};
  return append_host_key(file, names, key_blob, form);
}

}  // namespace tunnel::config
