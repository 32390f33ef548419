#include "path/child_process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <cerrno>

// glibc 2.36 declares pidfd_open() without saying that it is C.
extern "C" {
#include <sys/pidfd.h>
}

#include "base/spawn.hpp"
#include "path/errors.hpp"

namespace tunnel::path {

namespace {

// Between asking a program to end and ending it. Whoever waits for it waits for little else.
constexpr std::chrono::milliseconds grace{200};

error not_run(const error& why) {
  return {errc::command_failed, why.message};
}

}  // namespace

result<std::unique_ptr<child_process>> child_process::start(const asio::any_io_executor& executor,
                                                            std::vector<std::string> arguments) {
  auto input = make_pipe();
  auto output = make_pipe();
  auto errors = make_pipe();
  for (const auto* each : {&input, &output, &errors}) {
    if (!*each) return not_run(each->error());
  }
  process_beginning beginning;
  beginning.give(standard_stream::input, input->read);
  beginning.give(standard_stream::output, output->write);
  beginning.give(standard_stream::errors, errors->write);
  const auto process = beginning.start(arguments);
  if (!process) return not_run(process.error());
  std::unique_ptr<child_process> child(new child_process(executor, *process));
  const int watch = ::pidfd_open(*process, 0);
  if (watch < 0)
    return not_run(
        with_reason("cannot run " + arguments.front(), error_code(errno, boost::system::system_category())));
  child->end_.assign(watch);
  child->input_.assign(input->write.release());
  child->output_.assign(output->read.release());
  child->errors_.assign(errors->read.release());
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
  if (!ends_within(grace)) send(SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool child_process::ends_within(std::chrono::milliseconds limit) {
  pollfd ended{end_.is_open() ? end_.native_handle() : -1, POLLIN, 0};
  return ::poll(&ended, 1, static_cast<int>(limit.count())) == 1;
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
