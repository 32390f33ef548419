#pragma once

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace tunnel::ssh::test {

/// Runs code in a process of its own whose controlling terminal is a pseudo-terminal (or which has none),
/// and plays the person in front of it. Every wait is bounded.
class pseudo_terminal {
 public:
  enum class presence { terminal, none };

  /// `body` runs in the child, and what it returns comes back through result(). It is given a descriptor
  /// from which go() can be awaited.
  using body = std::function<std::string(int go)>;

  explicit pseudo_terminal(const body& work, presence shown = presence::terminal) {
    pipe_of(result_);
    pipe_of(go_);
    // Both ends stay open here, so that what was on the screen can be read after the child has ended.
    if (::openpty(&screen_, &line_, nullptr, nullptr, nullptr) != 0) std::abort();
    child_ = ::fork();
    if (child_ == 0) run(work, shown);
    ::close(result_[1]);
  }
  pseudo_terminal(const pseudo_terminal&) = delete;
  pseudo_terminal& operator=(const pseudo_terminal&) = delete;
  ~pseudo_terminal() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    for (const int number : {screen_, line_, result_[0], go_[0], go_[1]}) {
      if (number >= 0) ::close(number);
    }
  }

  /// Waits until the screen has shown `text`.
  bool shows(std::string_view text) {
    while (screen_text_.find(text) == std::string::npos) {
      if (!read_some(screen_, screen_text_)) return false;
    }
    return true;
  }

  /// Everything shown so far.
  [[nodiscard]] const std::string& screen_text() const { return screen_text_; }

  void type(std::string_view keys) {
    while (!keys.empty()) {
      const ssize_t count = ::write(screen_, keys.data(), keys.size());
      if (count <= 0) return;
      keys.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  [[nodiscard]] bool echoes() const {
    termios settings{};
    return ::tcgetattr(screen_, &settings) == 0 && (settings.c_lflag & ECHO) != 0;
  }

  void signal(int number) const { ::kill(child_, number); }

  void go() { static_cast<void>(!::write(go_[1], "g", 1)); }

  /// The signal that ended the child, once it has ended; 0 when none did.
  int ended_by() {
    // Its end of the pipe closes with it.
    result();
    int status = 0;
    ::waitpid(std::exchange(child_, -1), &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }

  /// What the body returned, once it has.
  std::string result() {
    std::string text;
    while (read_some(result_[0], text)) {
    }
    return text;
  }

 private:
  static constexpr std::chrono::milliseconds patience{20000};

  static void pipe_of(std::array<int, 2>& ends) {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  }

  static bool read_some(int source, std::string& text) {
    pollfd event{source, POLLIN, 0};
    if (::poll(&event, 1, static_cast<int>(patience.count())) != 1) return false;
    std::array<char, 512> chunk{};
    const ssize_t count = ::read(source, chunk.data(), chunk.size());
    if (count <= 0) return false;
    text.append(chunk.data(), static_cast<std::size_t>(count));
    return true;
  }

  // Standard input, output and error lead nowhere: what is seen went through /dev/tty.
  [[noreturn]] void run(const body& work, presence shown) {
    if (shown == presence::none) {
      ::setsid();
    } else if (::login_tty(::dup(line_)) != 0) {
      ::_exit(1);
    }
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (int number = 0; number < 3; ++number) ::dup2(nowhere, number);
    const std::string outcome = work(go_[0]);
    const bool written = ::write(result_[1], outcome.data(), outcome.size()) >= 0;
    ::_exit(written ? 0 : 1);
  }

  int screen_ = -1;
  int line_ = -1;
  pid_t child_ = -1;
  std::array<int, 2> result_{};
  std::array<int, 2> go_{};
  std::string screen_text_;
};

}  // namespace tunnel::ssh::test
