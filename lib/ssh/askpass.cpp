#include "ssh/askpass.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

// glibc 2.36 declares pidfd_open() without saying that it is C.
extern "C" {
#include <sys/pidfd.h>
}

#include "base/descriptor.hpp"
#include "base/log.hpp"
#include "base/spawn.hpp"
#include "ssh/answer_buffer.hpp"

namespace tunnel::ssh {
namespace {

// Between asking an askpass program to end and ending it: enough to close a window.
constexpr std::chrono::milliseconds grace{500};

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
  auto ends = make_pipe();
  if (!ends) {
    log::warn("cannot ask through {}: {}", program, ends.error().message);
    return {};
  }
  process_beginning beginning;
  beginning.give_nothing(standard_stream::input);
  beginning.give(standard_stream::output, ends->write);
  const auto started = beginning.start({program, prompt});
  if (!started) {
    log::warn("cannot run the askpass program {}: {}; see SSH_ASKPASS", program,
              started.error().code.message());
    return {};
  }
  ends->write.reset();
  child running(*started);
  if (running.watch() < 0) return {};
  answer_buffer answer;
  if (!collect(running, ends->read.get(), cancel, answer) || !running.succeeded()) return {};
  return answer.line();
}

}  // namespace tunnel::ssh
