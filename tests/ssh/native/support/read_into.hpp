#pragma once

#include <algorithm>

#include "base/octets.hpp"
#include "ssh/native/core/inbound_buffer.hpp"

namespace tunnel::ssh::native::support {

/// Puts of the octets what there is room for into the buffer, as a read does; gives the rest.
inline octet_view read_into(inbound_buffer& to, octet_view data) {
  const auto room = to.room();
  const auto count = std::min(room.size(), data.size());
  std::ranges::copy(data.first(count), room.begin());
  to.add(count);
  return data.subspan(count);
}

}  // namespace tunnel::ssh::native::support
