#pragma once

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <string>
#include <type_traits>

#include "base/error.hpp"

namespace tunnel::ssh::native {

/// Why a connection cannot go on. Up to 15 these are the reason codes of SSH_MSG_DISCONNECT (RFC 4253 section
/// 11.1), which tell the server too; the rest is for this side alone.
enum class errc {
  host_not_allowed_to_connect = 1,
  protocol_error = 2,
  key_exchange_failed = 3,
  reserved = 4,
  mac_error = 5,
  compression_error = 6,
  service_not_available = 7,
  protocol_version_not_supported = 8,
  host_key_not_verifiable = 9,
  connection_lost = 10,
  by_application = 11,
  too_many_connections = 12,
  auth_cancelled_by_user = 13,
  no_more_auth_methods_available = 14,
  illegal_user_name = 15,
  /// The server sent SSH_MSG_DISCONNECT: nothing is sent back.
  disconnected = 100,
};

const boost::system::error_category& category();

inline boost::system::error_code make_error_code(errc value) {
  return {static_cast<int>(value), category()};
}

/// The server broke a rule of the protocol; `what` says which, in the form "the server ...".
error violation(std::string what);

}  // namespace tunnel::ssh::native

template <>
struct boost::system::is_error_code_enum<tunnel::ssh::native::errc> : std::true_type {};
