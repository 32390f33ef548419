#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tunnel::control {

/// What a running tunnel can be asked over its control socket (-O).
///
/// A client connects, sends the request's name and a line feed, and reads to the end: a line "ok" or
/// "failed", then text for the user.
enum class request {
  /// Whether there is one.
  check,
  /// What it is doing.
  status,
  /// No new clients; it ends with the last flow.
  stop,
  /// It ends now.
  exit,
  /// New SSH connections in place of those it has.
  reconnect,
};

std::string_view name_of(request what);
std::optional<request> parse_request(std::string_view name);

struct reply {
  bool succeeded = false;
  /// Lines, each ended.
  std::string text;
};

}  // namespace tunnel::control
