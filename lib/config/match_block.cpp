#include "config/match_block.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "config/errors.hpp"
#include "config/pattern.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

// ssh's other criteria, up to OpenSSH 10: those that take no argument come first.
constexpr std::array<std::string_view, 2> unsupported_alone = {"canonical", "final"};
constexpr std::array<std::string_view, 6> unsupported_with_argument = {
    "exec", "tagged", "localnetwork", "command", "sessiontype", "version"};

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
    if (next_ == words_.size() || words_[next_].empty()) return std::nullopt;
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
  const auto user = [argument](std::string_view of) {
    return match_list(of, argument) == list_match::positive;
  };
  if (equals_ignoring_case(name, "host")) return host(subject.host);
  if (equals_ignoring_case(name, "originalhost")) return host(subject.original_host);
  if (equals_ignoring_case(name, "user")) return user(subject.user);
  if (equals_ignoring_case(name, "localuser")) return user(subject.local_user);
  return std::nullopt;
}

result<void> match_one(criteria_reader& reader, std::string_view name, bool negated,
                       const match_subject& subject, match_outcome& outcome) {
  const bool alone = is_among(name, unsupported_alone);
  const std::optional<std::string> argument = alone ? std::string() : reader.argument();
  if (!argument) return failure(errc::malformed, "the criterion " + in_quotes(name) + " needs an argument");
  if (alone || is_among(name, unsupported_with_argument)) {
    outcome.unsupported = name;
    outcome.applies = false;
    return {};
  }
  const auto held = holds(name, *argument, subject);
  if (!held) return failure(errc::malformed, in_quotes(name) + " is no criterion that ssh knows");
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
  match_outcome outcome{.applies = true, .unsupported = {}};
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
