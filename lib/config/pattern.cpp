#include "config/pattern.hpp"

#include <cstddef>

#include "config/values.hpp"

namespace tunnel::config {

bool matches(std::string_view text, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  // Where to take up again when what follows the last star does not fit: that star takes one octet more.
  std::size_t star = std::string_view::npos;
  std::size_t taken_up = 0;
  while (at < text.size()) {
    const bool left = in_pattern < pattern.size();
    if (left && pattern[in_pattern] == '*') {
      star = in_pattern++;
      taken_up = at;
    } else if (left && (pattern[in_pattern] == '?' || pattern[in_pattern] == text[at])) {
      ++in_pattern;
      ++at;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      at = ++taken_up;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

list_match match_list(std::string_view text, std::string_view list) {
  list_match found = list_match::none;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view pattern = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    const bool negated = pattern.starts_with('!');
    if (negated) pattern.remove_prefix(1);
    if (!matches(text, pattern)) continue;
    if (negated) return list_match::negative;
    found = list_match::positive;
  }
  return found;
}

list_match match_host_list(std::string_view host, std::string_view list) {
  return match_list(lower_case(host), lower_case(list));
}

}  // namespace tunnel::config
