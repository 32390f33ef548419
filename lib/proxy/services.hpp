#pragma once

#include "pool/pool.hpp"
#include "proxy/bind.hpp"

namespace tunnel::proxy {

/// What clients are served with. Outlives them; used from the accepting thread but for what says otherwise.
struct services {
  pool::pool& connections;
  /// Read from every thread.
  bind_settings binds = {};
};

}  // namespace tunnel::proxy
