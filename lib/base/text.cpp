#include "base/text.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace tunnel {
namespace {

enum class layout { one_line, lines };

// What stands at the front of a text: a character of one to four octets, or one octet that is not UTF-8.
struct character {
  char32_t code_point;
  std::size_t length;
  bool is_utf8;
};

std::uint8_t octet_at(std::string_view text, std::size_t position) {
  return static_cast<std::uint8_t>(text[position]);
}

// The length that the first octet of a character announces (RFC 3629 section 3), 0 for one that starts none.
std::size_t announced_length(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0;
}

// RFC 3629 forbids longer forms than needed, surrogates, and what is beyond Unicode's end.
bool is_allowed(char32_t code_point, std::size_t length) {
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
  return code_point >= least[length] && code_point <= 0x10ffff && !surrogate;
}

character front(std::string_view text) {
  const std::uint8_t first = octet_at(text, 0);
  const character broken{first, 1, false};
  const std::size_t length = announced_length(first);
  if (length == 0 || length > text.size()) return broken;
  if (length == 1) return {first, 1, true};

  char32_t code_point = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const std::uint8_t next = octet_at(text, i);
    if ((next & 0xc0) != 0x80) return broken;
    code_point = (code_point << 6) | (next & 0x3fU);
  }
  return is_allowed(code_point, length) ? character{code_point, length, true} : broken;
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f);
}

bool is_bidirectional_control(char32_t c) {
  return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

bool is_line_separator(char32_t c) {
  return c == 0x2028 || c == 0x2029;
}

bool passes(const character& c, layout form) {
  if (!c.is_utf8) return false;
  if (form == layout::lines && (c.code_point == '\n' || c.code_point == '\t')) return true;
  return !is_control(c.code_point) && !is_bidirectional_control(c.code_point) &&
         !is_line_separator(c.code_point);
}

void append_escaped(std::string& out, const character& c) {
  std::array<char, 16> escaped{};
  const auto value = static_cast<unsigned>(c.code_point);
  if (c.length == 1) {
    std::snprintf(escaped.data(), escaped.size(), "\\x%02x", value);
  } else {
    std::snprintf(escaped.data(), escaped.size(), "\\u{%04x}", value);
  }
  out += escaped.data();
}

std::string sanitise_as(std::string_view remote, std::size_t limit, layout form) {
  std::string out;
  std::size_t position = 0;
  while (position < remote.size()) {
    const character c = front(remote.substr(position));
    if (c.length > limit - position) return out + "...";
    if (passes(c, form)) {
      out += remote.substr(position, c.length);
    } else {
      append_escaped(out, c);
    }
    position += c.length;
  }
  return out;
}

}  // namespace

std::string sanitise(std::string_view remote, std::size_t limit) {
  return sanitise_as(remote, limit, layout::one_line);
}

std::string_view take_line(std::string_view& rest) {
  const auto line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  return line;
}

std::vector<std::string> sanitised_lines(std::string_view remote, std::size_t limit) {
  std::vector<std::string> lines;
  const auto whole = sanitise_as(remote, limit, layout::lines);
  // CR LF is a line's end, too.
  static constexpr std::string_view escaped_return = "\\x0d";
  for (std::string_view rest = whole; !rest.empty();) {
    const bool ended = rest.find('\n') != std::string_view::npos;
    auto line = take_line(rest);
    if (ended && line.ends_with(escaped_return)) line.remove_suffix(escaped_return.size());
    lines.emplace_back(line);
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string human_octets(unsigned long long count) {
  if (count < 1024) return std::to_string(count) + " B";

  constexpr std::array units{"KiB", "MiB", "GiB", "TiB"};
  // From here on one decimal would show 1024.0, which is 1.0 of the next unit.
  constexpr double rounds_to_next_unit = 1023.95;
  double value = static_cast<double>(count) / 1024;
  std::size_t unit = 0;
  while (value >= rounds_to_next_unit && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", value, units[unit]);
  return text.data();
}

}  // namespace tunnel
