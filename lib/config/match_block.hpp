#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace tunnel::config {

/// What the lines below Host and Match are judged by.
struct match_subject {
  /// As it was given by the user.
  std::string original_host;
  /// HostName as far as it is known by then, or the same.
  std::string host;
  std::string user;
  std::string local_user;
};

struct match_outcome {
  bool applies = false;
  /// A criterion that ssh knows and that is not supported here, so the block does not apply.
  std::string unsupported;
};

/// Judges `Host pattern...`: one pattern must match and no negated one.
/// Errors: errc::malformed, an empty pattern.
result<bool> match_host_line(const std::vector<std::string>& patterns, std::string_view original_host);

/// Judges `Match criterion...`: all must hold, each may be negated with `!`. Supported: all, host,
/// originalhost, user, localuser. Errors: errc::malformed.
result<match_outcome> match_criteria(const std::vector<std::string>& criteria, const match_subject& subject);

}  // namespace tunnel::config
