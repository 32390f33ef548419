#include "ssh/terminal_prompter.hpp"

#include <fcntl.h>
#include <poll.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/descriptor.hpp"
#include "ssh/answer_buffer.hpp"
#include "ssh/askpass.hpp"
#include "ssh/terminal_signals.hpp"

namespace tunnel::ssh {
namespace {

// What ssh runs where SSH_ASKPASS is not set; Debian's alternatives system points it at what is installed.
constexpr const char* default_askpass = "/usr/bin/ssh-askpass";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

// Non-blocking: what poll() announced may be gone by the time of the read, and cancel() has to get through.
// Opening /dev/tty gives a file description of our own, so nobody else's becomes non-blocking.
int open_terminal() {
  return ::open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

// Turns the echo off (or leaves it) for a scope, and drops what was typed before and after.
class echo_guard {
 public:
  echo_guard(int terminal, echo shown) : terminal_(terminal) {
    if (::tcgetattr(terminal, &before_) != 0) return;
    termios during = before_;
    if (shown == echo::off) during.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
    applied_ = set(during);
  }
  echo_guard(const echo_guard&) = delete;
  echo_guard& operator=(const echo_guard&) = delete;
  ~echo_guard() {
    if (applied_) set(before_);
  }

  [[nodiscard]] bool applied() const { return applied_; }

 private:
  bool set(const termios& settings) const {
    int outcome = 0;
    do {
      outcome = ::tcsetattr(terminal_, TCSAFLUSH, &settings);
    } while (outcome != 0 && errno == EINTR);
    return outcome == 0;
  }

  int terminal_;
  termios before_{};
  bool applied_ = false;
};

bool is_in_background(int terminal) {
  const pid_t foreground = ::tcgetpgrp(terminal);
  return foreground >= 0 && foreground != ::getpgrp();
}

// One more of something while it lives.
class counted {
 public:
  explicit counted(std::atomic<unsigned>& count) : count_(count) { ++count_; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  ~counted() { --count_; }

 private:
  std::atomic<unsigned>& count_;
};

}  // namespace

prompt_settings prompt_settings_from_environment(bool batch) {
  const std::string required = environment("SSH_ASKPASS_REQUIRE");
  const auto asks_for = [&](const char* value) { return ::strcasecmp(required.c_str(), value) == 0; };
  const bool display = !environment("DISPLAY").empty() || !environment("WAYLAND_DISPLAY").empty();

  prompt_settings settings;
  settings.batch = batch;
  if (asks_for("never") || !(display || asks_for("force"))) return settings;
  settings.askpass = environment("SSH_ASKPASS");
  if (settings.askpass.empty()) settings.askpass = default_askpass;
  if (asks_for("prefer") || asks_for("force")) settings.first = ask_through::askpass;
  return settings;
}

terminal_prompter::terminal_prompter(prompt_settings settings)
    : settings_(std::move(settings)), cancel_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (cancel_event_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

terminal_prompter::~terminal_prompter() {
  ::close(cancel_event_);
}

std::optional<secret> terminal_prompter::ask(const std::string& prompt, echo shown) {
  if (settings_.batch) return {};
  const counted question(asking_);
  const std::lock_guard lock(one_question_);
  if (cancelled()) return {};
  if (settings_.askpass.empty() || settings_.first == ask_through::terminal) {
    const descriptor terminal(open_terminal());
    const bool stops = keeps_going_ && is_in_background(terminal.get());
    if (terminal.valid() && !stops) return ask_terminal(terminal.get(), prompt, shown);
  }
  if (settings_.askpass.empty()) return {};
  return ask_program(settings_.askpass, prompt, cancel_event_);
}

void terminal_prompter::tell(const std::string& text) {
  const std::lock_guard lock(one_question_);
  const descriptor terminal(settings_.batch ? -1 : open_terminal());
  write_all(terminal.valid() ? terminal.get() : STDERR_FILENO, text.ends_with('\n') ? text : text + '\n');
}

void terminal_prompter::cancel() {
  // Fails only when the counter is at its end, where it is readable as well.
  static_cast<void>(::eventfd_write(cancel_event_, 1));
  // Held until whoever is asking has cleaned up.
  const std::lock_guard lock(one_question_);
}

std::optional<secret> terminal_prompter::ask_terminal(int terminal, const std::string& prompt,
                                                      echo shown) const {
  for (;;) {
    terminal_signals signals;
    auto answer = ask_until(signals.waiting(), terminal, prompt, shown);
    if (!signals.release() || answer) return answer;
  }
}

// Nothing as well when `interrupted` becomes readable first.
std::optional<secret> terminal_prompter::ask_until(int interrupted, int terminal, const std::string& prompt,
                                                   echo shown) const {
  const echo_guard guard(terminal, shown);
  if (!guard.applied()) return {};
  write_all(terminal, prompt);
  answer_buffer answer;
  while (!answer.has_line()) {
    if (answer.full()) {
      write_all(terminal, "\nThat answer is too long.\n");
      return {};
    }
    if (wait_for(terminal, POLLIN, interrupted) == wait_end::cancelled || !answer.read_from(terminal)) {
      write_all(terminal, "\n");
      return {};
    }
  }
  // The line end that was not echoed.
  if (shown == echo::off) write_all(terminal, "\n");
  return answer.line();
}

terminal_prompter::wait_end terminal_prompter::wait_for(int descriptor, short events, int interrupted) const {
  // poll() passes over negative descriptors.
  std::array<pollfd, 3> waits{
      {{descriptor, events, 0}, {cancel_event_, POLLIN, 0}, {interrupted, POLLIN, 0}}};
  while (::poll(waits.data(), waits.size(), -1) < 0) {
    if (errno != EINTR) return wait_end::cancelled;
  }
  return waits[1].revents == 0 && waits[2].revents == 0 ? wait_end::ready : wait_end::cancelled;
}

void terminal_prompter::write_all(int descriptor, const std::string& text) const {
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t count = ::write(descriptor, rest.data(), rest.size());
    if (count >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
      continue;
    }
    if (errno == EINTR) continue;
    // Where it cannot be written, there is nobody to tell that.
    if (errno != EAGAIN || wait_for(descriptor, POLLOUT) == wait_end::cancelled) return;
  }
}

bool terminal_prompter::cancelled() const {
  pollfd event{cancel_event_, POLLIN, 0};
  return ::poll(&event, 1, 0) != 0;
}

}  // namespace tunnel::ssh
