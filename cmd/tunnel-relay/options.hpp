#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>

#include "relay/server.hpp"

namespace tunnel::relay {

struct options {
  /// Nothing: --stdio.
  std::optional<tcp::endpoint> listen;
  policy shared;
  std::size_t clients = 64;
  std::optional<std::string> user;
  unsigned verbosity = 0;
  bool quiet = false;
};

/// What to print instead of running, and the exit code.
struct message {
  std::string text;
  int status = 0;
};

/// Parses the command line. `version` is the answer to -V.
std::variant<options, message> parse_options(int argc, const char* const* argv, const std::string& version);

}  // namespace tunnel::relay
