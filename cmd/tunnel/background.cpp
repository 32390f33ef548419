#include "background.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace tunnel {

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::system_category(), what);
}

// A signal to the one that waits is meant for the one that works.
pid_t working = 0;

void pass_on(int signal) {
  ::kill(working, signal);
}

[[noreturn]] void wait_for(pid_t child, int readable) {
  working = child;
  for (const int each : {SIGINT, SIGTERM, SIGHUP}) std::signal(each, pass_on);
  char ready = 0;
  ssize_t count = 0;
  do {
    count = ::read(readable, &ready, 1);
  } while (count < 0 && errno == EINTR);
  if (count == 1) std::_Exit(0);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  constexpr int killed = 128;
  std::_Exit(WIFEXITED(status) ? WEXITSTATUS(status) : killed + WTERMSIG(status));
}

}  // namespace

background::background() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("cannot go to the background");
  const pid_t child = ::fork();
  if (child < 0) fail("cannot go to the background");
  if (child != 0) {
    ::close(ends[1]);
    wait_for(child, ends[0]);
  }
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
  constexpr char said = 'r';
  while (::write(told_, &said, 1) < 0 && errno == EINTR) continue;
  ::close(std::exchange(told_, -1));
}

}  // namespace tunnel
