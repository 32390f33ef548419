#include "config/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <thread>

#include "config/descriptor.hpp"
#include "config/errors.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

using clock = std::chrono::steady_clock;

// How a new process begins: descriptors, and signals as a shell leaves them.
class beginning {
 public:
  explicit beginning(int output) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (output >= 0)
      ::posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO);
    else
      ::posix_spawn_file_actions_addopen(&files_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);

    sigset_t none;
    ::sigemptyset(&none);
    sigset_t ignored;
    ::sigemptyset(&ignored);
    ::sigaddset(&ignored, SIGPIPE);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &ignored);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  beginning(const beginning&) = delete;
  beginning& operator=(const beginning&) = delete;
  ~beginning() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  [[nodiscard]] result<pid_t> start(const std::vector<std::string>& words) const {
    std::vector<std::string> copies = words;
    std::vector<char*> pointers;
    pointers.reserve(copies.size() + 1);
    for (std::string& word : copies) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    pid_t started = 0;
    const int problem =
        ::posix_spawn(&started, words.front().c_str(), &files_, &attributes_, pointers.data(), environ);
    if (problem != 0) return system_failure("cannot run " + words.front(), problem);
    return started;
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

std::string shown(const std::vector<std::string>& words) {
  return in_quotes(words.back());
}

error took_too_long(const std::vector<std::string>& words) {
  return failure(errc::command_failed, "the command " + shown(words) + " took too long and was ended");
}

// Owns a child until it was waited for.
class child {
 public:
  explicit child(pid_t number) : number_(number) {}
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child() {
    if (number_ == 0) return;
    ::kill(number_, SIGKILL);
    ::waitpid(number_, nullptr, 0);
  }

  // What waitpid(2) says; nothing: it runs on.
  std::optional<int> end_before(clock::time_point deadline) {
    // A child's end is a signal, which is the whole program's; looking now and then disturbs nobody.
    auto pause = std::chrono::milliseconds(1);
    for (;;) {
      int status = 0;
      const pid_t ended = ::waitpid(number_, &status, WNOHANG);
      if (ended == number_) {
        number_ = 0;
        return status;
      }
      if (clock::now() >= deadline) return std::nullopt;
      std::this_thread::sleep_for(pause);
      pause = std::min(2 * pause, std::chrono::milliseconds(20));
    }
  }

 private:
  pid_t number_;
};

int milliseconds_until(clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now());
  return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

result<std::string> read_until_end(int from, const std::vector<std::string>& words,
                                   clock::time_point deadline) {
  std::string text;
  std::array<char, 4096> chunk{};
  for (;;) {
    pollfd wanted{.fd = from, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&wanted, 1, milliseconds_until(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return took_too_long(words);
    const ssize_t count = ::read(from, chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_failure("cannot read what " + shown(words) + " writes", errno);
    if (count == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(count));
    if (text.size() > max_command_output)
      return failure(errc::too_large, "the command " + shown(words) + " writes too much");
  }
}

}  // namespace

result<command_outcome> run_command(const std::vector<std::string>& words, command_output output,
                                    std::chrono::milliseconds limit) {
  const auto deadline = clock::now() + limit;
  std::array<int, 2> ends = {-1, -1};
  if (output == command_output::wanted && ::pipe2(ends.data(), O_CLOEXEC) != 0)
    return system_failure("cannot make a pipe for a command", errno);
  const descriptor reading(ends[0]);
  std::optional<descriptor> writing(std::in_place, ends[1]);
  const auto started = beginning(ends[1]).start(words);
  if (!started) return started.error();
  child running(*started);
  // Else the end of its output would never be seen.
  writing.reset();

  command_outcome outcome;
  if (reading.valid()) {
    auto text = read_until_end(reading.get(), words, deadline);
    if (!text) return text.error();
    outcome.output = std::move(*text);
  }
  const auto status = running.end_before(deadline);
  if (!status) return took_too_long(words);
  if (!WIFEXITED(*status))
    return failure(errc::command_failed, "the command " + shown(words) + " was ended by a signal");
  outcome.status = WEXITSTATUS(*status);
  return outcome;
}

}  // namespace tunnel::config
