#include "base/spawn.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

namespace tunnel {

namespace {

error system_error(std::string what, int number) {
  return with_reason(std::move(what), error_code(number, boost::system::system_category()));
}

class file_actions {
 public:
  file_actions() { ::posix_spawn_file_actions_init(&actions_); }
  file_actions(const file_actions&) = delete;
  file_actions& operator=(const file_actions&) = delete;
  ~file_actions() { ::posix_spawn_file_actions_destroy(&actions_); }

  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

// What this program ignores or blocks is not the other's business.
class usual_signals {
 public:
  usual_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::sigaddset(&signals, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  usual_signals(const usual_signals&) = delete;
  usual_signals& operator=(const usual_signals&) = delete;
  ~usual_signals() { ::posix_spawnattr_destroy(&attributes_); }

  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

}  // namespace

result<pid_t> process_beginning::start(const std::vector<std::string>& words) const {
  file_actions files;
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    const int from = streams_[static_cast<std::size_t>(stream)];
    if (from == nothing) ::posix_spawn_file_actions_addopen(files.get(), stream, "/dev/null", O_RDWR, 0);
    if (from >= 0) ::posix_spawn_file_actions_adddup2(files.get(), from, stream);
  }
  // Sockets of this program must not live on in another.
  ::posix_spawn_file_actions_addclosefrom_np(files.get(), STDERR_FILENO + 1);

  std::vector<std::string> copies = words;
  std::vector<char*> pointers;
  pointers.reserve(copies.size() + 1);
  for (std::string& word : copies) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t started = 0;
  const int problem = ::posix_spawnp(&started, words.front().c_str(), files.get(), usual_signals().get(),
                                     pointers.data(), environ);
  if (problem != 0) return system_error("cannot run " + words.front(), problem);
  return started;
}

result<pipe_ends> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("cannot make a pipe", errno);
  return pipe_ends{descriptor(ends[0]), descriptor(ends[1])};
}

}  // namespace tunnel
