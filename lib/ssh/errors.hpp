#pragma once

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <type_traits>

namespace tunnel::ssh {

/// What went wrong on an SSH connection. The first four are RFC 4254 section 5.1's reason codes for a
/// refused channel, with its numbers.
enum class errc {
  administratively_prohibited = 1,
  connect_failed = 2,
  unknown_channel_type = 3,
  resource_shortage = 4,
  /// The server refused a channel with a reason code of its own.
  open_failed = 5,
  /// No answer to an open, or to another request, within its deadline.
  open_timeout,
  /// The connection ended, or none could be had.
  connection_lost,
  /// The two sides share no algorithm, or the exchange went wrong.
  handshake_failed,
  /// Nobody vouches for the server's key: unknown, changed or revoked.
  host_key_refused,
  /// Every authentication method that could be tried was refused.
  authentication_failed,
  /// An answer that worked before is needed again, and there is nobody to ask for it.
  secret_awaited,
  /// The server refused to run a command or to listen; it gives no reason (RFC 4254 sections 4 and 5.4).
  request_refused,
  /// The engine has no means for what was asked of it, where another may.
  unsupported_by_engine,
};

const boost::system::error_category& category();

inline boost::system::error_code make_error_code(errc value) {
  return {static_cast<int>(value), category()};
}

}  // namespace tunnel::ssh

template <>
struct boost::system::is_error_code_enum<tunnel::ssh::errc> : std::true_type {};
