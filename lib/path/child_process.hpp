#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aio/asio.hpp"
#include "base/error.hpp"

namespace tunnel::path {

/// A program that was started, and its standard streams. It ends with this object, whatever it does.
///
/// Thread: the executor's.
class child_process {
 public:
  /// Starts `arguments.front()`, an absolute path, with pipes for its standard streams, no other descriptor
  /// of this program's, and signals as a program usually finds them. It stays in the terminal's foreground,
  /// so that it can ask its user there. Errors: errc::command_failed.
  static result<std::unique_ptr<child_process>> start(const asio::any_io_executor& executor,
                                                      std::vector<std::string> arguments);

  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  /// Asks it to end (SIGHUP), and ends it (SIGKILL) unless it has within a moment.
  ~child_process();

  asio::posix::stream_descriptor& input() { return input_; }
  asio::posix::stream_descriptor& output() { return output_; }
  asio::posix::stream_descriptor& errors() { return errors_; }

  /// Readable once it has ended (a pidfd).
  asio::posix::stream_descriptor& end() { return end_; }

  /// How it ended: "exited with status 1", "was ended by signal 9"; nothing while it runs.
  [[nodiscard]] std::optional<std::string> ending();

  /// Whether it ends before that time has passed. Blocks until then.
  [[nodiscard]] bool ends_within(std::chrono::milliseconds limit);

  /// Closes its standard input and output, and asks it to end.
  void hang_up() noexcept;

  /// Ends it, and with it every wait on its streams.
  void kill() noexcept;

 private:
  child_process(const asio::any_io_executor& executor, pid_t process);
  void send(int signal) const noexcept;

  pid_t process_;
  std::optional<int> status_;
  asio::posix::stream_descriptor input_;
  asio::posix::stream_descriptor output_;
  asio::posix::stream_descriptor errors_;
  asio::posix::stream_descriptor end_;
};

}  // namespace tunnel::path
