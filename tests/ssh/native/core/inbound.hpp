#pragma once

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "base/octets.hpp"
#include "ssh/native/core/inbound_buffer.hpp"

namespace tunnel::ssh::native {

/// Puts octets into the buffer, as a read from the server does.
inline void put(inbound_buffer& to, octet_view data) {
  const auto room = to.room();
  if (room.size() < data.size()) throw std::length_error("more than the inbound buffer takes");
  std::ranges::copy(data, room.begin());
  to.add(data.size());
}

inline void put(inbound_buffer& to, std::string_view text) {
  put(to, as_octets(text));
}

}  // namespace tunnel::ssh::native
