#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tunnel {

/// The most octets of a peer's text that reach a terminal or a log in one message. Long enough for
/// any real banner line or error description, short enough that a peer cannot flood the screen.
inline constexpr std::size_t max_remote_text = 1024;

/// A peer's text made safe for a terminal, a log line or a page.
///
/// Valid UTF-8 passes, but for what can move the cursor, change colours or reorder what is read: C0
/// controls, DEL, C1 controls and bidirectional controls (U+061C, U+200E, U+200F, U+202A to U+202E,
/// U+2066 to U+2069) become \xNN or \u{NNNN}, as do octets that are not UTF-8 and the line separators
/// U+2028 and U+2029. A backslash stays as it is. The result is at most `limit` octets of input long
/// (and is cut between characters, with "..." appended).
std::string sanitise(std::string_view remote, std::size_t limit = max_remote_text);

/// The same, for text that may have several lines: each by itself, so that each can be marked as the peer's.
/// Tab passes too. Empty lines at the end are left out.
std::vector<std::string> sanitised_lines(std::string_view remote, std::size_t limit = max_remote_text);

/// Takes the first line off `rest`, with its newline, and gives it without that. What follows the last
/// newline is a line, too, unless it is empty.
std::string_view take_line(std::string_view& rest);

/// 1023 -> "1023 B", 1536 -> "1.5 KiB", and so on up to TiB. For log lines.
std::string human_octets(unsigned long long count);

}  // namespace tunnel
