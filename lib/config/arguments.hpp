#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace tunnel::config {

/// A line of ssh_config, taken apart. An empty keyword: a blank line or a comment.
struct config_line {
  std::string keyword;
  /// Quotes and escapes are resolved, a comment at the end is gone.
  std::vector<std::string> arguments;
  /// All behind the keyword as it was written, for commands.
  std::string rest;
};

/// Splits `Keyword value ...`, `Keyword=value` and their spaced and quoted forms as ssh does.
///
/// `line` comes without its newline; a carriage return or form feed at its end is dropped. Arguments may
/// be in double or single quotes; a backslash escapes quotes and itself, and a space outside quotes.
/// Errors: errc::malformed when a quote is not closed, or nothing follows the keyword.
result<config_line> split_line(std::string_view line);

/// Takes the first word off `rest`, with what separates it from the next: blanks, or one equals sign among
/// them. This is how ssh reads keywords and Match's criteria: double quotes, which may begin within a word
/// and always end it, are dropped, and nothing else is special, not even a backslash. Errors: errc::malformed
/// when a quote is not closed.
result<std::string> take_word(std::string_view& rest);

/// Splits a command into its words, with quotes as above, but nothing in it is a comment.
/// Errors: errc::malformed.
result<std::vector<std::string>> split_command(std::string_view command);

}  // namespace tunnel::config
