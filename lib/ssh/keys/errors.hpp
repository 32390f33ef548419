#pragma once

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <type_traits>

namespace tunnel::ssh::keys {

/// Why a key, a signature or a key's file is of no use.
enum class errc {
  /// Not what the format asks for.
  malformed = 1,
  /// An algorithm or a format that is not known here, or not allowed.
  unsupported,
  /// Well formed, and not a signature of this key over these octets.
  bad_signature,
  /// The passphrase is not the file's, or is missing.
  wrong_passphrase,
  /// The certificate does not hold: another host, another time, an option that is not known.
  not_valid,
};

const boost::system::error_category& category();

inline boost::system::error_code make_error_code(errc value) {
  return {static_cast<int>(value), category()};
}

}  // namespace tunnel::ssh::keys

template <>
struct boost::system::is_error_code_enum<tunnel::ssh::keys::errc> : std::true_type {};
