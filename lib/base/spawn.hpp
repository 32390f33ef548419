#pragma once

#include <sys/types.h>

#include <array>
#include <string>
#include <vector>

#include "base/descriptor.hpp"
#include "base/error.hpp"

namespace tunnel {

enum class standard_stream { input = 0, output = 1, errors = 2 };

/// How the process of another program begins: with the standard streams that it is given, those of this
/// program where it is given none, no other descriptor, no signal blocked, and SIGPIPE as a program usually
/// finds it, whatever this one does with its own.
///
/// Thread: any. What is given must stay open until start().
class process_beginning {
 public:
  /// The stream is a duplicate of `from`.
  void give(standard_stream stream, const descriptor& from) { place(stream) = from.get(); }
  /// The stream is /dev/null.
  void give_nothing(standard_stream stream) { place(stream) = nothing; }

  /// Runs `words[0]`, a path, with the others as its arguments and this program's environment. A name
  /// without a slash is looked up in PATH. The caller has to wait for the process.
  /// Errors: the system's, with the message "cannot run <words[0]>: <reason>".
  [[nodiscard]] result<pid_t> start(const std::vector<std::string>& words) const;

 private:
  static constexpr int inherited = -1;
  static constexpr int nothing = -2;

  int& place(standard_stream stream) { return streams_[static_cast<std::size_t>(stream)]; }

  std::array<int, 3> streams_{inherited, inherited, inherited};
};

/// Both ends of a pipe, neither of which other programs inherit.
struct pipe_ends {
  descriptor read;
  descriptor write;
};

/// Errors: the system's.
result<pipe_ends> make_pipe();

}  // namespace tunnel
