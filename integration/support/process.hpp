#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/deadline.hpp"
#include "support/descriptor.hpp"

namespace tunnel::integration {

/// What to run and in which surroundings.
struct command {
  /// The program (searched in PATH) and its arguments.
  std::vector<std::string> arguments;
  /// Added to the caller's environment, from which agents, askpass programs and proxies are removed.
  std::map<std::string, std::string> environment = {};
  /// What it reads from standard input.
  std::string input = {};
  /// Soft and hard RLIMIT_NOFILE, when set.
  std::optional<unsigned> descriptor_limit = {};
  /// Files or directories that it alone sees in another's place: target -> source. Done with bind mounts in a
  /// mount namespace of its own, so the system stays as it was.
  std::map<std::filesystem::path, std::filesystem::path> replaced_paths = {};
  /// The terminal that it can ask its user on (/dev/tty); none if empty.
  std::filesystem::path terminal = {};
};

/// A running program: started by the constructor, killed (this one process) by the destructor.
///
/// It gets a session of its own and so no terminal but one it was given, its output is kept in memory, and it
/// is killed by the kernel should the test die. Start it from the main thread only: that kill is tied to the
/// starting thread.
class process {
 public:
  /// Throws std::system_error when it cannot be started. A missing program shows as exit code 127.
  explicit process(const command& what);
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running();
  void signal(int number) const;

  /// Its exit code, 128 + N when signal N ended it, or nothing when it still runs after `limit`.
  std::optional<int> wait(milliseconds limit = patience);

  /// SIGKILL, and waits for the end.
  void kill();

  /// What it has written so far.
  [[nodiscard]] std::string output() const;
  [[nodiscard]] std::string errors() const;

 private:
  descriptor output_;
  descriptor errors_;
  descriptor handle_;
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

struct finished {
  int exit_code;
  std::string output;
  std::string errors;
};

/// Runs to the end. Throws timed_out after `limit`.
finished run(const command& what, milliseconds limit = patience);

/// The process and all that descend from it, children before grandchildren.
std::vector<pid_t> process_tree(pid_t root);

/// The processes that it started itself and that still run.
std::vector<pid_t> child_processes(pid_t wanted);

/// How many descriptors the process has open.
std::size_t open_descriptors(pid_t pid);

/// The process's resident memory, in octets.
std::size_t resident_memory(pid_t pid);

/// The processor time that the process has used so far, in the kernel and outside.
milliseconds processor_time(pid_t pid);

}  // namespace tunnel::integration
