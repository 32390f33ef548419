#include "config/arguments.hpp"

#include <algorithm>

#include "config/errors.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view without_leading(std::string_view text, std::string_view these) {
  return text.substr(std::min(text.find_first_not_of(these), text.size()));
}

std::string_view without_trailing(std::string_view text, std::string_view these) {
  return text.substr(0, text.find_last_not_of(these) + 1);
}

bool is_escape(std::string_view rest, char quote) {
  if (rest.size() < 2 || rest[0] != '\\') return false;
  return rest[1] == '\'' || rest[1] == '"' || rest[1] == '\\' || (quote == 0 && rest[1] == ' ');
}

// Takes one argument off the front of `rest`. False: a quote is still open at the end.
bool take_argument(std::string_view& rest, std::string& argument) {
  char quote = 0;
  for (; !rest.empty(); rest.remove_prefix(1)) {
    if (is_escape(rest, quote))
      rest.remove_prefix(1);
    else if (quote == 0 && (rest[0] == ' ' || rest[0] == '\t'))
      break;
    else if (quote == 0 && (rest[0] == '"' || rest[0] == '\'')) {
      quote = rest[0];
      continue;
    } else if (quote != 0 && rest[0] == quote) {
      quote = 0;
      continue;
    }
    argument += rest[0];
  }
  return quote == 0;
}

enum class comments { end_the_line, are_words };

result<std::vector<std::string>> split_arguments(std::string_view rest, comments how) {
  std::vector<std::string> arguments;
  for (;;) {
    rest = without_leading(rest, " \t");
    if (rest.empty() || (rest.front() == '#' && how == comments::end_the_line)) return arguments;
    if (!take_argument(rest, arguments.emplace_back()))
      return failure(errc::malformed, "a quotation mark is not closed");
  }
}

}  // namespace

result<std::string> take_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_of(" \t\r\"="), rest.size());
  std::string word(rest.substr(0, end));
  rest.remove_prefix(end);
  if (rest.starts_with('"')) {
    const std::size_t close = rest.find('"', 1);
    if (close == std::string_view::npos) return failure(errc::malformed, "a quotation mark is not closed");
    word += rest.substr(1, close - 1);
    rest = without_leading(rest.substr(close + 1), blanks);
    return word;
  }
  rest = without_leading(rest, blanks);
  if (rest.starts_with('=')) rest = without_leading(rest.substr(1), blanks);
  return word;
}

result<config_line> split_line(std::string_view line) {
  std::string_view rest = without_leading(without_trailing(line, " \t\r\f"), blanks);
  if (rest.empty() || rest.front() == '#') return config_line{};

  auto keyword = take_word(rest);
  if (!keyword) return keyword.error();
  if (keyword->empty()) return failure(errc::malformed, "the line does not begin with a keyword");
  if (rest.empty()) return failure(errc::malformed, *keyword + " needs a value");
  auto arguments = split_arguments(rest, comments::end_the_line);
  if (!arguments) return arguments.error();
  return config_line{
      .keyword = std::move(*keyword), .arguments = std::move(*arguments), .rest = std::string(rest)};
}

result<std::vector<std::string>> split_command(std::string_view command) {
  return split_arguments(command, comments::are_words);
}

}  // namespace tunnel::config
