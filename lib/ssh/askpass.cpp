#include "ssh/askpass.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

// glibc 2.36 declares pidfd_open() without saying that it is C.
extern "C" {
#include <sys/pidfd.h>
}

#include "base/log.hpp"
#include "config/descriptor.hpp"
#include "ssh/answer_buffer.hpp"

namespace tunnel::ssh {
namespace {

using config::descriptor;

// Between asking an askpass program to end and ending it: enough to close a window.
constexpr std::chrono::milliseconds grace{500};

// Starts the program with its standard output in `output`. An errno value, or 0.
int spawn(pid_t& process, const std::string& program, const std::string& prompt, int output) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  // Sockets of this program must not live on in a window that somebody leaves open.
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);

  // What this program ignores or blocks is not the other's business.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);

  std::string name = program;
  std::string argument = prompt;
  std::array<char*, 3> arguments{name.data(), argument.data(), nullptr};
  const int failure =
      ::posix_spawnp(&process, program.c_str(), &files, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return failure;
}

// A program at work. Ended, if need be, and reaped with this object.
class child {
 public:
  explicit child(pid_t process) : process_(process), watch_(::pidfd_open(process, 0)) {}
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child() {
    if (process_ < 0) return;
    ::kill(process_, SIGTERM);
    pollfd ended{watch_.get(), POLLIN, 0};
    if (::poll(&ended, 1, static_cast<int>(grace.count())) != 1) ::kill(process_, SIGKILL);
    reap();
  }

  // A pidfd: readable once the program has ended.
  [[nodiscard]] int watch() const { return watch_.get(); }

  // Waits for the end. Whether the program says that it has an answer.
  bool succeeded() { return reap() == 0; }

 private:
  int reap() {
    int status = -1;
    while (::waitpid(process_, &status, 0) < 0) {
      if (errno != EINTR) return -1;
    }
    process_ = -1;
    return status;
  }

  pid_t process_;
  descriptor watch_;
};

// Reads until the program has ended, whoever else may hold its standard output open. False when there will
// be no answer.
bool collect(const child& program, int output, int cancel, answer_buffer& answer) {
  std::array<pollfd, 3> events{{{output, POLLIN, 0}, {program.watch(), POLLIN, 0}, {cancel, POLLIN, 0}}};
  auto& [printed, ended, cancelled] = events;
  for (;;) {
    if (::poll(events.data(), events.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    if (cancelled.revents != 0) return false;
    if (printed.revents != 0) {
      if (answer.full()) return false;
      // poll() passes over a negative descriptor.
      if (!answer.read_from(output)) printed.fd = -1;
    } else if (ended.revents != 0) {
      return true;
    }
  }
}

}  // namespace

std::optional<secret> ask_program(const std::string& program, const std::string& prompt, int cancel) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    log::warn("cannot ask through {}: {}", program, std::generic_category().message(errno));
    return {};
  }
  const descriptor output(ends[0]);
  pid_t process = -1;
  {
    const descriptor input(ends[1]);
    if (const int failure = spawn(process, program, prompt, input.get()); failure != 0) {
      log::warn("cannot run the askpass program {}: {}; see SSH_ASKPASS", program,
                std::generic_category().message(failure));
      return {};
    }
  }
  child running(process);
  if (running.watch() < 0) return {};
  answer_buffer answer;
  if (!collect(running, output.get(), cancel, answer) || !running.succeeded()) return {};
  return answer.line();
}

}  // namespace tunnel::ssh
