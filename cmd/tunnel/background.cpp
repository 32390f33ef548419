#include "background.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <system_error>
#include <utility>

#include "base/descriptor.hpp"
#include "ending.hpp"

namespace tunnel {

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::system_category(), what);
}

// What this program opens is closed on exec. What is not was open before it began, and may yet be read: a
// shell's <(...) is a descriptor.
std::vector<int> inherited_descriptors() {
  std::vector<int> found;
  std::error_code ignored;
  for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    const int number = std::atoi(each.path().filename().c_str());
    const int flags = ::fcntl(number, F_GETFD);
    if (number > STDERR_FILENO && flags >= 0 && (flags & FD_CLOEXEC) == 0) found.push_back(number);
  }
  return found;
}

// Taken from a descriptor by the one that waits.
constexpr std::array heeded{SIGINT, SIGTERM, SIGHUP, SIGCHLD};
// What a terminal says to both, or to whoever uses it from the background. The child knows what to do.
constexpr std::array left_to_child{SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};

sigset_t set_of(std::span<const int> signals) {
  sigset_t all;
  sigemptyset(&all);
  for (const int each : signals) sigaddset(&all, each);
  return all;
}

/// The process that was started, while the other works.
class waiting {
 public:
  /// `told` is readable once the child is ready, `signals` when there is one that is heeded.
  waiting(pid_t child, int told, int signals)
      : child_(child), waits_{{{told, POLLIN, 0}, {signals, POLLIN, 0}}} {
    for (const int each : left_to_child) std::signal(each, SIG_IGN);
    const sigset_t unheld = set_of(left_to_child);
    sigprocmask(SIG_UNBLOCK, &unheld, nullptr);
    // Where the child dumps core, that is the core to look at.
    constexpr rlimit none{};
    ::setrlimit(RLIMIT_CORE, &none);
  }

  [[noreturn]] void wait() {
    for (;;) {
      follow();
      while (::poll(waits_.data(), waits_.size(), -1) < 0 && errno == EINTR) continue;
      if (waits_[0].revents != 0) listen();
      if (waits_[1].revents != 0) pass_on();
    }
  }

 private:
  // Does what the child has done.
  void follow() const {
    int status = 0;
    if (::waitpid(child_, &status, WNOHANG | WUNTRACED) != child_) return;
    if (WIFEXITED(status)) end_process({WEXITSTATUS(status)});
    if (WIFSIGNALED(status)) end_process_by(WTERMSIG(status));
    const int stopping = WSTOPSIG(status);
    const auto before = std::signal(stopping, SIG_DFL);
    std::raise(stopping);
    std::signal(stopping, before);
    // A shell continues both; others perhaps the one that they know.
    ::kill(child_, SIGCONT);
  }

  void listen() {
    char ready = 0;
    const ssize_t count = ::read(waits_[0].fd, &ready, 1);
    if (count == 1) end_process({});
    // It is about to end. poll() passes over negative descriptors.
    if (count == 0) waits_[0].fd = -1;
  }

  void pass_on() const {
    signalfd_siginfo signal{};
    if (::read(waits_[1].fd, &signal, sizeof signal) != sizeof signal) return;
    // What the kernel says for a terminal it says to both.
    if (signal.ssi_code != SI_KERNEL && signal.ssi_signo != SIGCHLD)
      ::kill(child_, static_cast<int>(signal.ssi_signo));
  }

  pid_t child_;
  std::array<pollfd, 2> waits_;
};

}  // namespace

background::background() : callers_(inherited_descriptors()) {
  const sigset_t taken = set_of(heeded);
  const descriptor signals(::signalfd(-1, &taken, SFD_CLOEXEC));
  std::array<int, 2> ends{};
  if (!signals.valid() || ::pipe2(ends.data(), O_CLOEXEC) != 0) fail("cannot go to the background");
  // One that is ignored would not be heard of.
  std::signal(SIGCHLD, SIG_DFL);
  // Until each of both has made up its mind, signals wait.
  const sigset_t kept = set_of(left_to_child);
  sigset_t before;
  sigprocmask(SIG_BLOCK, &taken, &before);
  sigprocmask(SIG_BLOCK, &kept, nullptr);
  const pid_t child = ::fork();
  if (child < 0) fail("cannot go to the background");
  if (child != 0) {
    ::close(ends[1]);
    waiting(child, ends[0], signals.get()).wait();
  }
  sigprocmask(SIG_SETMASK, &before, nullptr);
  ::close(ends[0]);
  told_ = ends[1];
}

void background::ready(bool keep_errors) {
  if (told_ < 0) return;
  ::setsid();
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing >= 0) {
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(nothing, STDOUT_FILENO);
    if (!keep_errors) ::dup2(nothing, STDERR_FILENO);
    ::close(nothing);
  }
  for (const int each : callers_) ::close(each);
  constexpr char said = 'r';
  while (::write(told_, &said, 1) < 0 && errno == EINTR) continue;
  ::close(std::exchange(told_, -1));
}

}  // namespace tunnel
