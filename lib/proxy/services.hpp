#pragma once

#include "pool/pool.hpp"
#include "proxy/bind.hpp"
#include "proxy/udp_service.hpp"

namespace tunnel::proxy {

/// What clients are served with. Outlives them; used from the accepting thread but for what says otherwise.
struct services {
  pool::pool& connections;
  /// Read from every thread.
  bind_settings binds = {};
  /// Null: no UDP ASSOCIATE. From any thread.
  udp_service* datagrams = nullptr;
};

}  // namespace tunnel::proxy
