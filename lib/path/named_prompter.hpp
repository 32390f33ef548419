#pragma once

#include <optional>
#include <string>
#include <utility>

#include "ssh/prompt.hpp"

namespace tunnel::path {

/// Asks another's questions for a part of the way, which its user is told the name of: of several hosts each
/// may want a password. `asks` outlives it; threads as there.
class named_prompter final : public ssh::prompter {
 public:
  /// `name`: "jump host 2 (name)".
  named_prompter(ssh::prompter& asks, std::string name) : asks_(asks), begin_(std::move(name) + ": ") {}

  std::optional<secret> ask(const std::string& prompt, ssh::echo shown) override {
    return asks_.ask(begin_ + prompt, shown);
  }
  void tell(const std::string& text) override { asks_.tell(begin_ + text); }

 private:
  ssh::prompter& asks_;
  std::string begin_;
};

}  // namespace tunnel::path
