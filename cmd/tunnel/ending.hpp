#pragma once

namespace tunnel {

/// How the program ends: with an exit code, or by a signal that it has heeded, so that whoever waits sees
/// which: a shell runs nothing after it, and says 130 or 143.
struct ending {
  int code = 0;
  /// None: 0.
  int by_signal = 0;
};

/// Ends the process where it stands. Thread: any.
[[noreturn]] void end_process(ending how);

/// Has a signal end the process, whatever it would do now. Thread: any.
[[noreturn]] void end_process_by(int signal);

}  // namespace tunnel
