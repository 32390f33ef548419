#pragma once

#include <memory>

#include "dns/resolver.hpp"
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
  /// Looks names up through the tunnel: for RESOLVE and RESOLVE_PTR. Null: they are not served.
  std::shared_ptr<dns::resolver> names = {};
  /// Names in CONNECT requests are looked up by `names`, and the SSH server opens addresses alone; otherwise
  /// they go to it unchanged.
  bool resolves_names = false;
};

}  // namespace tunnel::proxy
