#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "config/settings.hpp"

namespace tunnel::config {

/// An engine's algorithms of one kind, in order of preference.
struct algorithm_stock {
  /// Those that it offers unless told otherwise.
  std::vector<std::string_view> defaults;
  /// Those that it has but offers only when the user names them.
  std::vector<std::string_view> further = {};
};

/// All that an engine has. Where it has a list, it must have a default.
struct engine_algorithms {
  algorithm_stock kex;
  algorithm_stock host_key;
  algorithm_stock cipher;
  algorithm_stock mac;
  algorithm_stock public_key;
  algorithm_stock ca_signature;
};

/// What to offer to the server and to accept from it, each list in order of preference.
struct chosen_algorithms {
  std::vector<std::string> kex;
  std::vector<std::string> host_key;
  std::vector<std::string> cipher;
  std::vector<std::string> mac;
  /// For the user's own keys.
  std::vector<std::string> public_key;
  /// By which a certificate may have been signed.
  std::vector<std::string> ca_signature;
};

/// Puts the user's wishes and the engine's abilities together: the engine's default lists as far as the user
/// has said nothing. What ssh knows and the engine has not is left out, with a sentence in `given.warnings`.
/// Errors: errc::malformed when a list would be empty.
result<chosen_algorithms> choose_algorithms(settings& given, const engine_algorithms& has);

/// For an engine that takes no such wishes: a sentence in `given.warnings` for each of the keywords about
/// algorithms, rekeying and certificates that the user has set.
void warn_of_unheeded_choices(settings& given);

}  // namespace tunnel::config
