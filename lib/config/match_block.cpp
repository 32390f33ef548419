#include "config/match_block.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "config/arguments.hpp"
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

bool begins_comment(std::string_view text) {
  return text.starts_with('#');
}

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

result<std::string> take_argument(std::string_view& rest, std::string_view name) {
  const bool missing = rest.empty() || begins_comment(rest);
  auto argument = missing ? result<std::string>(std::string()) : take_word(rest);
  if (!argument) return argument.error();
  // `tagged ""`: where there is no tag.
  const bool may_be_empty = equals_ignoring_case(name, "tagged");
  if (missing || (argument->empty() && !may_be_empty))
    return failure(errc::malformed, "the criterion " + in_quotes(name) + " needs an argument");
  return argument;
}

result<void> match_one(std::string_view& rest, std::string_view name, bool negated,
                       const match_subject& subject, match_outcome& outcome) {
  const bool final = equals_ignoring_case(name, "final");
  if (final || equals_ignoring_case(name, "canonical")) {
    outcome.wants_final_pass = outcome.wants_final_pass || final;
    outcome.applies = outcome.applies && subject.final_pass != negated;
    return {};
  }
  const auto argument = take_argument(rest, name);
  if (!argument) return argument.error();
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

result<match_outcome> match_criteria(std::string_view criteria, const match_subject& subject) {
  match_outcome outcome{.applies = subject.reachable};
  int before = 0;
  for (; !criteria.empty() && !begins_comment(criteria); ++before) {
    auto word = take_word(criteria);
    if (!word) return word.error();
    if (word->empty()) return failure(errc::malformed, "one of its criteria is empty");
    const bool negated = word->front() == '!';
    const std::string_view name = std::string_view(*word).substr(negated ? 1 : 0);
    if (equals_ignoring_case(name, "all")) {
      // ssh takes one criterion in front of it, and none behind it.
      if (before > 1 || !(criteria.empty() || begins_comment(criteria)))
        return failure(errc::malformed, "\"all\" cannot be combined with other criteria");
      outcome.applies = outcome.applies && !negated;
      return outcome;
    }
    if (const auto fine = match_one(criteria, name, negated, subject, outcome); !fine) return fine.error();
  }
  if (before == 0) return failure(errc::malformed, "it needs a criterion");
  return outcome;
}

}  // namespace tunnel::config
