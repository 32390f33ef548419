#include "ssh/native/core/identification.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "ssh/native/core/errors.hpp"

namespace tunnel::ssh::native {

namespace {

error not_ssh(std::string what) {
  return {make_error_code(errc::protocol_version_not_supported), std::move(what)};
}

}  // namespace

result<std::optional<std::string>> identification_reader::next(inbound_buffer& from) {
  for (;;) {
    const auto unread = from.unread();
    const auto end = std::ranges::find(unread, '\n');
    const auto length = static_cast<std::size_t>(end - unread.begin());
    if (length > max_line || total_ + length > max_total || lines_ >= max_lines)
      return not_ssh(
          "the server sends something else than SSH's identification string; is it an SSH server?");
    if (end == unread.end()) return std::optional<std::string>();
    auto line = as_text(unread.first(length));
    if (line.ends_with('\r')) line.remove_suffix(1);
    auto judged = judge(line);
    from.consume(length + 1);
    total_ += length + 1;
    ++lines_;
    if (!judged || *judged) return judged;
  }
}

result<std::optional<std::string>> identification_reader::judge(std::string_view line) {
  if (!line.starts_with("SSH-")) return std::optional<std::string>();
  if (line.size() > max_length) return not_ssh("the server's identification string is too long");
  if (line.find('\0') != line.npos) return not_ssh("the server's identification string has a NUL in it");
  // 1.99 is a server that speaks version 1 as well (RFC 4253 section 5.1).
  if (!line.starts_with("SSH-2.0-") && !line.starts_with("SSH-1.99-"))
    return not_ssh("the server does not speak SSH version 2; it says " + sanitise(line));
  return std::optional<std::string>(line);
}

}  // namespace tunnel::ssh::native
