#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "base/secret.hpp"
#include "ssh/prompt.hpp"

namespace tunnel::ssh {

/// Where questions go when both ways are open.
enum class ask_through { terminal, askpass };

/// Whom to ask, as ssh decides it (ssh(1), ENVIRONMENT).
struct prompt_settings {
  /// BatchMode: nobody is asked anything.
  bool batch = false;
  /// The program that asks in a window; empty for none. It is run with the prompt as its only argument,
  /// never through a shell, and prints the answer.
  std::string askpass;
  /// With `askpass`, the terminal is not tried; with `terminal`, the program is for want of a terminal.
  ask_through first = ask_through::terminal;
};

/// What SSH_ASKPASS, SSH_ASKPASS_REQUIRE, DISPLAY and WAYLAND_DISPLAY say: no askpass with `never`, or
/// without a display unless it is `force`; askpass first with `prefer` and `force`.
prompt_settings prompt_settings_from_environment(bool batch);

/// Asks on the controlling terminal (/dev/tty), or through the askpass program. Standard input and output
/// are never touched. In batch mode, and where there is neither terminal nor askpass, every question is
/// answered with nothing at once.
///
/// The terminal stays as it was but for the echo, so Ctrl-C still sends SIGINT to the program, which then
/// calls cancel(). Its settings are restored however a question ends, and before Ctrl-Z stops the program or
/// Ctrl-\ ends it; a stopped program asks again when it goes on. What was typed before a question appeared
/// does not answer it.
///
/// Thread: any, and one question at a time; others wait. The object outlives every call.
class terminal_prompter final : public prompter {
 public:
  /// Throws std::system_error when out of descriptors.
  explicit terminal_prompter(prompt_settings settings);
  ~terminal_prompter() override;

  std::optional<secret> ask(const std::string& prompt, echo shown) override;

  /// Written to the terminal, or to standard error where there is none and in batch mode.
  void tell(const std::string& text) override;

  /// Whether a question is being asked.
  [[nodiscard]] bool asking() const { return asking_ != 0; }

  /// From now on the program is of use to others, and not to be stopped by a question: in the background of a
  /// job-control shell, the terminal asks nobody.
  void keep_going() { keeps_going_ = true; }

  /// Ends a question that is being asked, and answers every later one with nothing. Returns once the terminal
  /// is as it was and the askpass program has ended. Not async-signal-safe.
  void cancel();

 private:
  enum class wait_end { ready, cancelled };

  std::optional<secret> ask_terminal(int terminal, const std::string& prompt, echo shown) const;
  std::optional<secret> ask_until(int interrupted, int terminal, const std::string& prompt, echo shown) const;
  [[nodiscard]] wait_end wait_for(int descriptor, short events, int interrupted = -1) const;
  void write_all(int descriptor, const std::string& text) const;
  [[nodiscard]] bool cancelled() const;

  prompt_settings settings_;
  // An eventfd, readable for good once cancel() was called.
  int cancel_event_;
  std::atomic<bool> keeps_going_ = false;
  std::mutex one_question_;
  // Those that wait for their turn too.
  std::atomic<unsigned> asking_ = 0;
};

}  // namespace tunnel::ssh
