#pragma once

#include "aio/asio.hpp"

namespace tunnel::aio {

/// What has become of a long-lived connection's own end, on this machine.
enum class local_end {
  /// Nothing here says that it would not go on.
  in_place,
  /// This machine has no way to the far end now, from whatever address.
  without_route,
  /// It has one, but its address is not the connection's any more: no answer will find the connection.
  without_address,
};

/// Looks how a connection from `local` to `remote` stands. Sends nothing. When the system does not say: in
/// place.
local_end look_at_local_end(const tcp::endpoint& local, const tcp::endpoint& remote);

}  // namespace tunnel::aio
