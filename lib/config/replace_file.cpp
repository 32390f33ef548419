#include "config/replace_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/descriptor.hpp"
#include "config/errors.hpp"
#include "config/file.hpp"

namespace tunnel::config {
namespace {

constexpr mode_t permissions = 07777;
// Files of the user's are written to now and then, not all the time.
constexpr int attempts = 5;

using file_status = struct stat;

error not_written(const std::string& file, int number) {
  return system_failure("cannot write to " + file, number);
}

// Nothing: there is no such file.
result<std::optional<file_status>> status_of(const std::string& file) {
  file_status status{};
  if (::stat(file.c_str(), &status) == 0) return std::optional(status);
  if (errno == ENOENT) return std::optional<file_status>();
  return system_failure("cannot examine " + file, errno);
}

bool same(const std::optional<file_status>& one, const std::optional<file_status>& other) {
  if (!one || !other) return !one && !other;
  return one->st_dev == other->st_dev && one->st_ino == other->st_ino && one->st_size == other->st_size &&
         one->st_mtim.tv_sec == other->st_mtim.tv_sec && one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

result<std::string> behind_links(const std::string& file) {
  file_status link{};
  if (::lstat(file.c_str(), &link) != 0 || !S_ISLNK(link.st_mode)) return file;
  if (link.st_uid != 0 && link.st_uid != ::geteuid())
    return failure(errc::unsafe_permissions,
                   "will not write to " + file + ": it is another user's symbolic link");
  char* const found = ::realpath(file.c_str(), nullptr);
  if (found == nullptr) return not_written(file, errno);
  std::string target = found;
  std::free(found);
  return target;
}

// A file beside another that is going to take its place; gone if it does not.
class successor {
 public:
  explicit successor(const std::string& of)
      : name_(of + ".XXXXXX"), file_(::mkostemp(name_.data(), O_CLOEXEC)) {}
  successor(const successor&) = delete;
  successor& operator=(const successor&) = delete;
  ~successor() {
    if (file_.valid() && !placed_) ::unlink(name_.c_str());
  }

  // Zero, or an errno value.
  int write(std::string_view text, const std::optional<file_status>& before) const {
    if (!file_.valid()) return errno;
    const bool foreign = before && before->st_uid != ::geteuid();
    if (foreign && ::fchown(file_.get(), before->st_uid, before->st_gid) != 0) return errno;
    if (::fchmod(file_.get(), before ? before->st_mode & permissions : private_file) != 0) return errno;
    while (!text.empty()) {
      const ssize_t count = ::write(file_.get(), text.data(), text.size());
      if (count < 0 && errno != EINTR) return errno;
      if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
    }
    return ::fsync(file_.get()) == 0 ? 0 : errno;
  }
  int take_place_of(const std::string& file) {
    if (::rename(name_.c_str(), file.c_str()) != 0) return errno;
    placed_ = true;
    return 0;
  }

 private:
  std::string name_;
  descriptor file_;
  bool placed_ = false;
};

}  // namespace

result<void> replace_file(const std::string& file, std::size_t limit,
                          const std::function<std::string(const std::string& text)>& change) {
  const auto target = behind_links(file);
  if (!target) return target.error();
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const auto before = status_of(*target);
    if (!before) return before.error();
    if (*before && !S_ISREG((*before)->st_mode))
      return failure(errc::unsafe_permissions, "will not replace " + file + ": it is no plain file");
    std::string text;
    if (*before) {
      auto content = read_file(*target, limit);
      if (!content) return content.error();
      text = std::move(content->text);
    }
    const std::string changed = change(text);
    if (changed == text) return {};
    successor next(*target);
    if (const int problem = next.write(changed, *before); problem != 0) return not_written(file, problem);
    const auto now = status_of(*target);
    if (!now) return now.error();
    if (!same(*before, *now)) continue;
    if (const int problem = next.take_place_of(*target); problem != 0) return not_written(file, problem);
    return {};
  }
  return not_written(file, EBUSY);
}

}  // namespace tunnel::config
