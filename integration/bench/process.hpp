#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tunnel::bench {

using seconds = std::chrono::duration<double>;

/// A program started by the benchmark. It is ended when this object is destroyed, and by the kernel if
/// the benchmark dies first.
class process {
 public:
  /// Runs `command`, whose first word is the program, with no input and its output added to `log`.
  process(const std::vector<std::string>& command, const std::filesystem::path& log);
  ~process() { stop(); }
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  [[nodiscard]] pid_t id() const { return id_; }
  [[nodiscard]] bool is_running();
  /// Waits for the program to end by itself; its exit status, or 128 and the signal's number.
  int wait();
  /// SIGTERM, and SIGKILL if that does not help within 3 s.
  void stop() noexcept;

 private:
  pid_t id_ = -1;
  int status_ = 0;
  bool reaped_ = false;
};

/// Processor time, user and system, that `id`, its descendants and its former children have used. To
/// the kernel's clock tick, usually 10 ms. 0 for a process that does not exist.
seconds processor_time(pid_t id);

/// Resident memory of one process in octets (VmRSS). 0 for a process that does not exist.
std::uint64_t resident_octets(pid_t id);

/// Whether any process has `id` for its parent.
bool has_children(pid_t id);

/// The last line of a log that is not empty, to say why a program failed.
std::string last_line(const std::filesystem::path& log);

/// A folder in the system's place for temporary files, removed with all in it.
class temporary_folder {
 public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace tunnel::bench
