#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "config/algorithm_names.hpp"

namespace tunnel::config {

/// What a keyword such as Ciphers says, relative to a default list that only the engine knows
/// (ssh_config(5): `+`, `-` and `^` in front of the list).
struct algorithm_choice {
  enum class edit {
    /// Only these, in this order.
    replace,
    /// `+`: these behind the default ones.
    append,
    /// `-`: the default ones without these.
    remove,
    /// `^`: these ahead of the default ones.
    prefer,
  };

  algorithm_kind kind = algorithm_kind::cipher;
  edit how = edit::replace;
  /// Names as the user wrote them; patterns in lists of key algorithms, and in what is removed.
  std::vector<std::string> names;

  friend bool operator==(const algorithm_choice&, const algorithm_choice&) = default;
};

/// Reads a list as ssh does. Names that no ssh knows are errors, but for those to be removed.
/// Errors: errc::malformed.
result<algorithm_choice> parse_choice(std::string_view text, algorithm_kind kind);

template <algorithm_kind Kind>
result<algorithm_choice> to_choice(const std::string& text) {
  return parse_choice(text, Kind);
}

/// The list that comes of it, without repetitions; what one pattern stands for is in ssh's own order, as it
/// is there. `further` are those that can be had for the asking, beside the default ones. Names that are in
/// neither are passed over. Errors: errc::malformed when nothing is left.
result<std::vector<std::string>> apply_choice(const algorithm_choice& choice,
                                              std::span<const std::string_view> defaults,
                                              std::span<const std::string_view> further = {});

}  // namespace tunnel::config
