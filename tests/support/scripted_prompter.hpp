#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "ssh/prompt.hpp"

namespace tunnel::support {

/// A person whose answers the test wrote down; there is nobody once they are used up.
class scripted_prompter final : public ssh::prompter {
 public:
  struct question {
    std::string prompt;
    ssh::echo shown;
  };

  explicit scripted_prompter(std::deque<std::string> answers = {}) : answers_(std::move(answers)) {}

  [[nodiscard]] const std::vector<question>& asked() const { return asked_; }
  [[nodiscard]] const std::vector<std::string>& told() const { return told_; }

  std::optional<secret> ask(const std::string& prompt, ssh::echo shown) override;
  void tell(const std::string& text) override { told_.push_back(text); }

 private:
  std::deque<std::string> answers_;
  std::vector<question> asked_;
  std::vector<std::string> told_;
};

}  // namespace tunnel::support
