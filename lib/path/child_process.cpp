#include "path/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

// glibc 2.36 declares pidfd_open() without saying that it is C.
extern "C" {
#include <sys/pidfd.h>
}

#include "path/errors.hpp"

namespace tunnel::path {

namespace {

// Between asking a program to end and ending it. Whoever waits for it waits for little else.
constexpr std::chrono::milliseconds grace{200};

// Owns both ends until they are handed over.
struct pipe_ends {
  int read = -1;
  int write = -1;

  pipe_ends() = default;
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;
  ~pipe_ends() {
    if (read >= 0) ::close(read);
    if (write >= 0) ::close(write);
  }
  bool open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read = ends[0];
    write = ends[1];
    return true;
  }
};

struct standard_streams {
  pipe_ends input;
  pipe_ends output;
  pipe_ends errors;
};

error not_run(const std::string& program, int number) {
  return {errc::command_failed, "cannot run " + program + ": " + std::generic_category().message(number)};
}

// An errno value, or 0.
int spawn(pid_t& process, const std::vector<std::string>& arguments, const standard_streams& with) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, with.input.read, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, with.output.write, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, with.errors.write, STDERR_FILENO);
  // Sockets of this program must not live on in another.
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

  std::vector<std::string> words = arguments;
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const int failure =
      ::posix_spawn(&process, words.front().c_str(), &files, &attributes, pointers.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return failure;
}

}  // namespace

result<std::unique_ptr<child_process>> child_process::start(const asio::any_io_executor& executor,
                                                            std::vector<std::string> arguments) {
  standard_streams streams;
  if (!streams.input.open() || !streams.output.open() || !streams.errors.open())
    return not_run(arguments.front(), errno);
  pid_t process = -1;
  if (const int failure = spawn(process, arguments, streams); failure != 0)
    return not_run(arguments.front(), failure);
  std::unique_ptr<child_process> child(new child_process(executor, process));
  const int watch = ::pidfd_open(process, 0);
  if (watch < 0) return not_run(arguments.front(), errno);
  child->end_.assign(watch);
  child->input_.assign(std::exchange(streams.input.write, -1));
  child->output_.assign(std::exchange(streams.output.read, -1));
  child->errors_.assign(std::exchange(streams.errors.read, -1));
  child->input_.non_blocking(true);
  child->output_.non_blocking(true);
  child->errors_.non_blocking(true);
  return child;
}

child_process::child_process(const asio::any_io_executor& executor, pid_t process)
    : process_(process), input_(executor), output_(executor), errors_(executor), end_(executor) {}

child_process::~child_process() {
  hang_up();
  if (status_) return;
  pollfd ended{end_.is_open() ? end_.native_handle() : -1, POLLIN, 0};
  if (::poll(&ended, 1, static_cast<int>(grace.count())) != 1) send(SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<std::string> child_process::ending() {
  int status = 0;
  if (!status_ && ::waitpid(process_, &status, WNOHANG) == process_) status_ = status;
  if (!status_) return std::nullopt;
  if (WIFSIGNALED(*status_)) return "was ended by signal " + std::to_string(WTERMSIG(*status_));
  return "exited with status " + std::to_string(WEXITSTATUS(*status_));
}

void child_process::hang_up() noexcept {
  boost::system::error_code ignored;
  input_.close(ignored);
  output_.close(ignored);
  send(SIGHUP);
}

void child_process::kill() noexcept {
  boost::system::error_code ignored;
  errors_.close(ignored);
  send(SIGKILL);
}

// A number that was reaped may be another's by now.
void child_process::send(int signal) const noexcept {
  if (!status_) ::kill(process_, signal);
}

}  // namespace tunnel::path
