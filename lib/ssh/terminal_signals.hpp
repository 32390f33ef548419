#pragma once

#include <array>
#include <csignal>
#include <vector>

#include "base/descriptor.hpp"

namespace tunnel::ssh {

/// What signals do while a question has the terminal's echo off: one that would stop or end the process waits
/// until the terminal is as it was, unless it is ignored or the program has a handler for it. SIGTTIN and
/// SIGTTOU reach the asking thread, so that a program in the background stops for its question instead of
/// disturbing the shell.
///
/// One at a time in the process, on the thread that asks.
class terminal_signals {
 public:
  /// Throws std::system_error when out of descriptors.
  terminal_signals();
  terminal_signals(const terminal_signals&) = delete;
  terminal_signals& operator=(const terminal_signals&) = delete;
  /// A signal that came and was not released is lost.
  ~terminal_signals();

  /// Readable from when a signal waits.
  [[nodiscard]] int waiting() const { return event_.get(); }

  /// Lets the signal that waits, if there is one, do what it would have done; after one that stops the
  /// process it returns once the process goes on. Returns whether there was one. No signal waits afterwards.
  bool release();

 private:
  static constexpr std::array held{SIGHUP, SIGINT, SIGQUIT, SIGALRM, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2};

  void restore();

  descriptor event_;
  // Of `held`: those that wait.
  std::vector<int> waits_;
  sigset_t mask_before_{};
};

}  // namespace tunnel::ssh
