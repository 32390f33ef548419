#pragma once

#include <string>
#include <type_traits>

#include "base/error.hpp"

namespace tunnel::config {

/// Why a file, an option or an address given by the user cannot be used. The error's message says which.
enum class errc {
  malformed = 1,
  unknown_keyword,
  unsafe_permissions,
  unreadable,
  too_large,
  /// A command that the configuration runs did not do its work.
  command_failed,
  /// A host's name that has to be known before connecting is not.
  unknown_host,
  /// The configuration says that there is to be no connection.
  refused,
};

const boost::system::error_category& config_category();

inline error_code make_error_code(errc value) {
  return {static_cast<int>(value), config_category()};
}

/// An error with a sentence of its own.
error failure(errc code, std::string message);

/// An error with errno's code, for a call on a file that just failed. `what` reads "cannot open <path>".
error system_failure(std::string what, int number);

/// Whether the file simply is not there, which is often no failure at all.
bool is_absent(const error& problem);

/// Whether it is a folder: ssh opens one like a file and finds nothing in it.
bool is_folder(const error& problem);

}  // namespace tunnel::config

template <>
struct boost::system::is_error_code_enum<tunnel::config::errc> : std::true_type {};
