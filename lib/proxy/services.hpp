#pragma once

#include "pool/pool.hpp"

namespace tunnel::proxy {

/// What clients are served with. Outlives them; used from the accepting thread but for what says otherwise.
struct services {
  pool::pool& connections;
};

}  // namespace tunnel::proxy
