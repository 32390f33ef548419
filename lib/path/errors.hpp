#pragma once

#include "base/error.hpp"

namespace tunnel::path {

/// Why a way to a server leads nowhere, or no further. What the layers below say keeps its own code.
enum class errc {
  /// The user asked for what cannot be, in an option or a file.
  malformed = 1,
  /// The proxy wants credentials, or other ones.
  proxy_authentication,
  /// The proxy would not connect.
  proxy_refused,
  /// What answers there is no such proxy.
  not_a_proxy,
  /// No answer within the time that ConnectTimeout gives.
  timed_out,
  /// TLS could not be agreed on.
  tls_failed,
  /// The other side's certificate is not one to believe.
  certificate_refused,
  /// ProxyCommand cannot be run.
  command_failed,
  /// ProxyCommand has ended.
  command_ended,
  /// The SSH connection to a jump host was lost.
  jump_host_lost,
};

const boost::system::error_category& category();

inline error_code make_error_code(errc value) {
  return {static_cast<int>(value), category()};
}

}  // namespace tunnel::path

template <>
struct boost::system::is_error_code_enum<tunnel::path::errc> : std::true_type {};
