#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "config/arguments.hpp"
#include "config/collected.hpp"

namespace tunnel::config {

/// What is to be done about a keyword.
enum class keyword_kind {
  /// It has a field in `settings`.
  honoured,
  /// ssh knows it; here it changes nothing that a tunnel does.
  ignored,
  /// ssh knows it, and doing without changes where a connection goes or whom it trusts: say so.
  missed,
  host,
  match,
  include,
};

/// Where a keyword's arguments go: checked in any case, kept only when `active` (the block applies).
using apply_function = result<void> (*)(const config_line& line, bool active, collected& to);

struct keyword {
  std::string_view name;
  keyword_kind kind = keyword_kind::ignored;
  /// Set for honoured ones.
  apply_function apply = nullptr;
};

/// The keyword of that name, case aside: all that OpenSSH 9.2 with Debian's patches accepts, and what came
/// with later versions up to 10.
const keyword* find_keyword(std::string_view name);

/// A known keyword that was probably meant.
std::optional<std::string_view> nearest_keyword(std::string_view name);

}  // namespace tunnel::config
