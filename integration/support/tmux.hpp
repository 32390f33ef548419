#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/deadline.hpp"
#include "support/process.hpp"
#include "support/temp_directory.hpp"

namespace tunnel::integration {

/// A shell in a window of tmux, and the person in front of it: what a program does with a terminal, as it is
/// seen there. The tmux is one of its own.
class tmux {
 public:
  /// Throws when it does not come up.
  tmux();
  ~tmux();
  tmux(const tmux&) = delete;
  tmux& operator=(const tmux&) = delete;

  /// Types a line, or without its end.
  void type(const std::string& line) const;
  void type_keys(const std::string& keys) const;
  /// Presses a key as tmux names it: "C-c".
  void press(const std::string& key) const;

  /// Empties the window, and forgets what has left it.
  void clear() const;

  /// What the window shows now, and what has left it upwards. Lines that were broken are whole again.
  [[nodiscard]] std::string screen() const;
  /// Waits until it shows `text`. Throws timed_out with what it shows instead.
  void wait_for(std::string_view text, milliseconds limit = patience) const;

 private:
  finished tell(const std::vector<std::string>& words) const;

  temp_directory directory_;
};

}  // namespace tunnel::integration
