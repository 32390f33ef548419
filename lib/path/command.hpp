#pragma once

#include <string>

#include "base/error.hpp"
#include "path/dialler.hpp"

namespace tunnel::path {

/// What the tokens of ProxyCommand stand for (ssh_config(5), TOKENS).
struct command_tokens {
  /// %h: the server's real name.
  std::string host;
  /// %n: its name as the user gave it.
  std::string original_host;
  /// %p
  std::uint16_t port = 0;
  /// %r
  std::string user;
};

/// The command with its tokens replaced, ready for a shell.
///
/// Values come from files and links that others may have written, and a shell is going to read them: one that
/// is used and has anything in it that means something to a shell, or begins with `-`, is refused, as by ssh
/// since CVE-2023-51385, and more strictly: a `$` and a backslash are, too.
/// Errors: errc::malformed, also for a token that is none of these.
result<std::string> expand_command(std::string_view command, const command_tokens& values);

/// Reaches one server through the standard input and output of a command (ssh_config(5), ProxyCommand), whose
/// own affair it is whereto that leads. The user's shell ($SHELL, or /bin/sh) runs it, by `exec`, so that the
/// command takes the shell's place.
///
/// Errors: errc::command_failed.
class command final : public dialler {
 public:
  /// `text`: from expand_command().
  explicit command(std::string text) : text_(std::move(text)) {}
  awaitable<stream_result> dial(ssh::endpoint target, bool may_ask) override;

 private:
  std::string text_;
};

}  // namespace tunnel::path
