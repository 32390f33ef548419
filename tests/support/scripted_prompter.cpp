#include "support/scripted_prompter.hpp"

namespace tunnel::support {

std::optional<secret> scripted_prompter::ask(const std::string& prompt, ssh::echo shown) {
  asked_.push_back({prompt, shown});
  if (answers_.empty()) return std::nullopt;
  secret answer(std::move(answers_.front()));
  answers_.pop_front();
  return answer;
}

}  // namespace tunnel::support
