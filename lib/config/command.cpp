#include "config/command.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <thread>

#include "base/spawn.hpp"
#include "config/errors.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

using clock = std::chrono::steady_clock;

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
  process_beginning beginning;
  beginning.give_nothing(standard_stream::input);
  pipe_ends ends;
  if (output == command_output::wanted) {
    auto made = make_pipe();
    if (!made) return made.error();
    ends = std::move(*made);
    beginning.give(standard_stream::output, ends.write);
  } else {
    beginning.give_nothing(standard_stream::output);
  }
  const auto started = beginning.start(words);
  if (!started) return started.error();
  child running(*started);
  // Else the end of its output would never be seen.
  ends.write.reset();

  command_outcome outcome;
  if (ends.read.valid()) {
    auto text = read_until_end(ends.read.get(), words, deadline);
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
