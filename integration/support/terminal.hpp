#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "support/deadline.hpp"
#include "support/descriptor.hpp"

namespace tunnel::integration {

/// A pseudo-terminal for a program that asks its user something, and the user in front of it.
class terminal {
 public:
  terminal();

  /// What `command::terminal` takes.
  [[nodiscard]] const std::filesystem::path& device() const { return device_; }

  /// Waits until the screen shows `text`. Throws timed_out with what it shows instead.
  void wait_for(std::string_view text, milliseconds limit = patience);

  /// Types one line.
  void type(const std::string& line) const;

  /// All that was shown so far.
  const std::string& screen();

 private:
  descriptor user_side_;
  // Kept open: a terminal that nobody has open reads as hung up.
  descriptor program_side_;
  std::filesystem::path device_;
  std::string screen_;
};

}  // namespace tunnel::integration
