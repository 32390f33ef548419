#include "config/algorithm_choice.hpp"

#include <algorithm>
#include <utility>

#include "config/errors.hpp"
#include "config/pattern.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

using edit = algorithm_choice::edit;

// Policy: ssh has two dozen names of a kind; repetitions are looked for one by one.
constexpr std::size_t max_names = 100;

bool takes_patterns(algorithm_kind kind) {
  return kind == algorithm_kind::key || kind == algorithm_kind::ca_signature;
}

edit take_edit(std::string_view& text) {
  if (text.empty()) return edit::replace;
  const char mark = text.front();
  if (mark != '+' && mark != '-' && mark != '^') return edit::replace;
  text.remove_prefix(1);
  if (mark == '+') return edit::append;
  return mark == '-' ? edit::remove : edit::prefer;
}

std::string_view noun_of(algorithm_kind kind) {
  switch (kind) {
    case algorithm_kind::kex:
      return "key exchange";
    case algorithm_kind::cipher:
      return "cipher";
    case algorithm_kind::mac:
      return "MAC";
    case algorithm_kind::key:
      return "key algorithm";
    case algorithm_kind::ca_signature:
      return "signature algorithm";
  }
  return "algorithm";
}

result<void> check_name(std::string_view name, algorithm_kind kind) {
  const auto known = names_of_ssh(kind);
  const bool pattern = takes_patterns(kind);
  if (pattern && name.starts_with('!'))
    return failure(errc::malformed, in_quotes(name) + ": only a list that begins with - can except names");
  const auto same = [&](std::string_view each) { return pattern ? matches(each, name) : each == name; };
  if (std::ranges::any_of(known, same)) return {};
  std::string sentence = in_quotes(name) + " is no " + std::string(noun_of(kind)) + " that ssh knows";
  if (const auto near = nearest(name, known)) sentence += "; did you mean \"" + std::string(*near) + "\"?";
  return failure(errc::malformed, std::move(sentence));
}

void add_once(std::string_view name, std::vector<std::string>& to) {
  if (std::ranges::find(to, name) == to.end()) to.emplace_back(name);
}

// Each name or pattern in turn, replaced by what it stands for.
void add_chosen(const algorithm_choice& choice, std::span<const std::string_view> available,
                std::vector<std::string>& to) {
  for (const std::string& name : choice.names) {
    for (const std::string_view each : names_of_ssh(choice.kind)) {
      if (matches(each, name) && std::ranges::find(available, each) != available.end()) add_once(each, to);
    }
  }
}

void add_all(std::span<const std::string_view> names, std::vector<std::string>& to) {
  for (const std::string_view each : names) add_once(each, to);
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

void add_others(const std::vector<std::string>& removed, std::span<const std::string_view> names,
                std::vector<std::string>& to) {
  const std::string list = joined(removed);
  for (const std::string_view each : names) {
    if (match_list(each, list) != list_match::positive) add_once(each, to);
  }
}

}  // namespace

result<algorithm_choice> parse_choice(std::string_view text, algorithm_kind kind) {
  algorithm_choice choice{.kind = kind, .how = take_edit(text), .names = {}};
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (name.empty()) continue;
    if (choice.how != edit::remove) {
      if (const auto fine = check_name(name, kind); !fine) return fine.error();
    }
    add_once(name, choice.names);
    if (choice.names.size() > max_names)
      return failure(errc::malformed, "there are more than " + std::to_string(max_names) + " names");
  }
  // To remove nothing is ssh's way to say the default list.
  if (choice.names.empty() && choice.how != edit::remove)
    return failure(errc::malformed, "it names no " + std::string(noun_of(kind)));
  return choice;
}

result<std::vector<std::string>> apply_choice(const algorithm_choice& choice,
                                              std::span<const std::string_view> defaults,
                                              std::span<const std::string_view> further) {
  std::vector<std::string_view> available(defaults.begin(), defaults.end());
  available.insert(available.end(), further.begin(), further.end());
  std::vector<std::string> list;
  switch (choice.how) {
    case edit::replace:
      add_chosen(choice, available, list);
      break;
    case edit::append:
      add_all(defaults, list);
      add_chosen(choice, available, list);
      break;
    case edit::remove:
      add_others(choice.names, defaults, list);
      break;
    case edit::prefer:
      add_chosen(choice, available, list);
      add_all(defaults, list);
      break;
  }
  if (!list.empty()) return list;
  return failure(errc::malformed,
                 choice.how == edit::remove
                     ? "nothing is left when " + in_quotes(joined(choice.names)) + " is removed"
                     : in_quotes(joined(choice.names)) + " has nothing that is implemented here");
}

}  // namespace tunnel::config
