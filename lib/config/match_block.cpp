#include "config/match_block.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "config/destination.hpp"
#include "config/errors.hpp"
#include "config/pattern.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

// ssh's other criteria, up to OpenSSH 10.
constexpr std::array<std::string_view, 4> unsupported = {"localnetwork", "command", "sessiontype", "version"};
// The tokens that come from outside the configuration, or whose values are names of hosts.
constexpr std::string_view tokens_with_hosts = "hkn";

bool is_among(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::any_of(names,
                             [name](std::string_view known) { return equals_ignoring_case(name, known); });
}

// Hands out criteria and arguments, which may also be joined by an equals sign.
class criteria_reader {
 public:
  explicit criteria_reader(const std::vector<std::string>& words) : words_(words) {}

  bool at_end() const { return next_ == words_.size() && joined_.empty(); }

  std::string criterion() {
    std::string word = words_[next_++];
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return word;
    joined_ = word.substr(equals + 1);
    return word.substr(0, equals);
  }

  std::optional<std::string> argument() {
    if (!joined_.empty()) return std::exchange(joined_, {});
    if (next_ < words_.size() && words_[next_] == "=") ++next_;
    if (next_ == words_.size()) return std::nullopt;
    std::string word = words_[next_++];
    if (word.size() > 1 && word.front() == '=') word.erase(0, 1);
    return word;
  }

 private:
  const std::vector<std::string>& words_;
  std::size_t next_ = 0;
  std::string joined_;
};

// Nothing: no such criterion.
std::optional<bool> holds(std::string_view name, std::string_view argument, const match_subject& subject) {
  const auto host = [argument](std::string_view of) {
    return match_host_list(of, argument) == list_match::positive;
  };
  const auto text = [argument](std::string_view of) {
    return match_list(of, argument) == list_match::positive;
  };
  if (equals_ignoring_case(name, "host")) return host(subject.host);
  if (equals_ignoring_case(name, "originalhost")) return host(subject.original_host);
  if (equals_ignoring_case(name, "user")) return text(subject.user);
  if (equals_ignoring_case(name, "localuser")) return text(subject.local_user);
  if (equals_ignoring_case(name, "tagged")) return subject.tag.empty() ? argument.empty() : text(subject.tag);
  return std::nullopt;
}

// A shell would take some names for more than that.
result<void> check_tokens(const std::string& command, const token_values& tokens) {
  for (const auto& [letter, value] : tokens) {
    if (command.find({'%', letter}) == std::string::npos) continue;
    if (tokens_with_hosts.find(letter) != std::string_view::npos) {
      if (const auto fine = check_host(value); !fine) return fine;
    }
    if (letter == 'r') {
      if (const auto fine = check_user(value); !fine) return fine;
    }
  }
  return {};
}

// As in ssh, the command of a block that does not apply anyway is expanded but not run.
result<bool> succeeds(const std::string& command, bool wanted, const match_subject& subject) {
  const auto expanded = expand_tokens(command, subject.tokens);
  if (!expanded) return expanded.error();
  if (!wanted) return false;
  if (const auto fine = check_tokens(command, subject.tokens); !fine) return fine.error();
  const auto status = subject.run(*expanded);
  if (!status) return status.error();
  return *status == 0;
}

result<bool> judge(std::string_view name, const std::string& argument, bool wanted,
                   const match_subject& subject) {
  if (equals_ignoring_case(name, "exec")) return succeeds(argument, wanted, subject);
  const auto held = holds(name, argument, subject);
  if (!held) return failure(errc::malformed, in_quotes(name) + " is no criterion that ssh knows");
  return *held;
}

result<void> match_one(criteria_reader& reader, std::string_view name, bool negated,
                       const match_subject& subject, match_outcome& outcome) {
  const bool final = equals_ignoring_case(name, "final");
  if (final || equals_ignoring_case(name, "canonical")) {
    outcome.wants_final_pass = outcome.wants_final_pass || final;
    outcome.applies = outcome.applies && subject.final_pass != negated;
    return {};
  }
  const std::optional<std::string> argument = reader.argument();
  // `tagged ""`: where there is no tag.
  const bool may_be_empty = equals_ignoring_case(name, "tagged");
  if (!argument || (argument->empty() && !may_be_empty))
    return failure(errc::malformed, "the criterion " + in_quotes(name) + " needs an argument");
  if (is_among(name, unsupported)) {
    outcome.unsupported = name;
    outcome.applies = false;
    return {};
  }
  const auto held = judge(name, *argument, outcome.applies, subject);
  if (!held) return held.error();
  outcome.applies = outcome.applies && *held != negated;
  return {};
}

}  // namespace

result<bool> match_host_line(const std::vector<std::string>& patterns, std::string_view original_host) {
  bool found = false;
  bool refused = false;
  for (const std::string& pattern : patterns) {
    if (pattern.empty()) return failure(errc::malformed, "one of its patterns is empty");
    const bool negated = pattern.front() == '!';
    if (!matches(original_host, std::string_view(pattern).substr(negated ? 1 : 0))) continue;
    (negated ? refused : found) = true;
  }
  return found && !refused;
}

result<match_outcome> match_criteria(const std::vector<std::string>& criteria, const match_subject& subject) {
  if (criteria.empty()) return failure(errc::malformed, "it needs a criterion");
  match_outcome outcome{.applies = subject.reachable};
  criteria_reader reader(criteria);
  for (int before = 0; !reader.at_end(); ++before) {
    std::string name = reader.criterion();
    const bool negated = name.starts_with('!');
    if (negated) name.erase(0, 1);
    if (equals_ignoring_case(name, "all")) {
      // ssh takes one criterion in front of it, and none behind it.
      if (before > 1 || !reader.at_end())
        return failure(errc::malformed, "\"all\" cannot be combined with other criteria");
      outcome.applies = outcome.applies && !negated;
      return outcome;
    }
    if (const auto fine = match_one(reader, name, negated, subject, outcome); !fine) return fine.error();
  }
  return outcome;
}

}  // namespace tunnel::config
