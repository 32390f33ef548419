#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "config/tokens.hpp"

namespace tunnel::config {

/// What the lines below Host and Match are judged by.
struct match_subject {
  /// As it was given by the user.
  std::string original_host;
  /// HostName as far as it is known by then, or the same.
  std::string host;
  std::string user;
  std::string local_user;
  /// Tag, or nothing.
  std::string tag = {};
  /// The configuration is read for the second time (canonical, final).
  bool final_pass = false;
  /// False inside a block that does not apply: nothing is run then.
  bool reachable = true;
  /// For the command of exec.
  token_values tokens = {};
  /// Runs it and gives its exit status.
  std::function<result<int>(const std::string&)> run = {};
};

struct match_outcome {
  bool applies = false;
  /// A criterion that ssh knows and that is not supported here, so the block does not apply.
  std::string unsupported = {};
  /// `final` is among the criteria: the configuration is to be read for a second time.
  bool wants_final_pass = false;
};

/// Judges `Host pattern...`: one pattern must match and no negated one.
/// Errors: errc::malformed, an empty pattern.
result<bool> match_host_line(const std::vector<std::string>& patterns, std::string_view original_host);

/// Judges `Match criterion...`, given as it was written behind Match (see take_word): all must hold, each may
/// be negated with `!`. Supported: all, canonical, final, host, originalhost, user, localuser, tagged, exec.
///
/// A command is run only if all criteria before it hold, and only if no token would bring the shell something
/// that no name has. Errors: errc::malformed; what running the command came to.
result<match_outcome> match_criteria(std::string_view criteria, const match_subject& subject);

}  // namespace tunnel::config
