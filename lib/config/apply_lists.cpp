#include <algorithm>
#include <string_view>

#include "config/apply.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

// ssh's own limit for both lists.
constexpr std::size_t max_canonical_values = 32;

result<void> check_canonical_list(const std::vector<std::string>& given) {
  if (given.empty()) return failure(errc::malformed, "it needs a value");
  if (given.size() > max_canonical_values)
    return failure(errc::malformed, "it has more than " + std::to_string(max_canonical_values) + " values");
  for (const std::string& each : given) {
    if (each.empty()) return failure(errc::malformed, "one of its values is empty");
    if (given.size() > 1 && equals_ignoring_case(each, "none"))
      return failure(errc::malformed, "\"none\" must stand alone");
  }
  return {};
}

bool is_none(const std::vector<std::string>& given) {
  return given.size() == 1 && equals_ignoring_case(given.front(), "none");
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

result<std::string> to_domain(const std::string& text) {
  std::string domain = lower_case(text);
  const auto fits = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; };
  if (!is_letter_or_digit(domain.front()) || !std::ranges::all_of(domain, fits) ||
      domain.find("..") != std::string::npos)
    return failure(errc::malformed, in_quotes(text) + " is no domain");
  if (domain.ends_with('.')) domain.pop_back();
  return domain;
}

result<cname_rule> to_cname_rule(const std::string& text) {
  if (text == "*") return cname_rule{.sources = "*", .targets = "*"};
  const std::string rule = lower_case(text);
  const std::size_t colon = rule.find(':');
  if (colon == std::string::npos || colon + 1 == rule.size())
    return failure(errc::malformed, in_quotes(text) + " is no rule, which is like *.a.example:*.b.example");
  return cname_rule{.sources = rule.substr(0, colon), .targets = rule.substr(colon + 1)};
}

template <class Value, class Parse>
result<void> first_canonical_list(const std::vector<std::string>& given, Parse parse, bool active,
                                  std::optional<std::vector<Value>>& to) {
  if (const auto fine = check_canonical_list(given); !fine) return fine;
  std::vector<Value> values;
  for (const std::string& each : given) {
    if (is_none(given)) break;
    auto value = parse(each);
    if (!value) return value.error();
    values.push_back(std::move(*value));
  }
  if (active && !to) to = std::move(values);
  return {};
}

result<std::chrono::seconds> to_lifetime(const std::string& text) {
  const auto time = parse_time(text);
  if (!time)
    return failure(errc::malformed, in_quotes(text) + " is none of yes, no, ask, confirm and a time like 1h");
  return *time;
}

result<agent_addition> to_agent_addition(const std::vector<std::string>& given) {
  using mode = agent_addition::mode;
  const std::string& word = given.front();
  const bool confirm = equals_ignoring_case(word, "confirm");
  if (given.size() > 2 || (given.size() == 2 && !confirm))
    return failure(errc::malformed, "only \"confirm\" may have one more value, a time");
  if (equals_ignoring_case(word, "ask")) return agent_addition{.how = mode::ask};
  if (const auto flag = parse_flag(word)) return agent_addition{.how = *flag ? mode::yes : mode::no};
  if (confirm && given.size() == 1) return agent_addition{.how = mode::confirm};
  const auto lifetime = to_lifetime(given.back());
  if (!lifetime) return lifetime.error();
  return agent_addition{.how = confirm ? mode::confirm : mode::yes, .lifetime = *lifetime};
}

result<type_of_service> to_type_of_service(const std::string& text) {
  const auto value = parse_type_of_service(text);
  if (!value)
    return failure(errc::malformed,
                   in_quotes(text) + " is no type of service, which is like cs1, lowdelay, 0x20 or none");
  return *value;
}

}  // namespace

result<void> first_canonical_domains(const config_line& line, bool active, collected& to) {
  return first_canonical_list(line.arguments, to_domain, active, to.canonical_domains);
}

result<void> first_permitted_cnames(const config_line& line, bool active, collected& to) {
  return first_canonical_list(line.arguments, to_cname_rule, active, to.canonicalize_permitted_cnames);
}

result<void> first_agent_addition(const config_line& line, bool active, collected& to) {
  if (line.arguments.empty()) return failure(errc::malformed, "it needs a value");
  const auto addition = to_agent_addition(line.arguments);
  if (!addition) return addition.error();
  if (active && !to.add_keys_to_agent) to.add_keys_to_agent = *addition;
  return {};
}

result<void> first_ip_qos(const config_line& line, bool active, collected& to) {
  const std::vector<std::string>& given = line.arguments;
  if (given.empty()) return failure(errc::malformed, "it needs a value");
  if (given.size() > 2) return failure(errc::malformed, in_quotes(given[2]) + " is one value too many");
  const auto interactive = to_type_of_service(given.front());
  if (!interactive) return interactive.error();
  const auto other = to_type_of_service(given.back());
  if (!other) return other.error();
  if (active && !to.ip_qos) to.ip_qos = ip_qos{.interactive = *interactive, .other = *other};
  return {};
}

}  // namespace tunnel::config
