#pragma once

#include "pool/pool.hpp"
#include "proxy/flow.hpp"
#include "proxy/udp_service.hpp"

namespace tunnel::proxy {

/// Carries a UDP ASSOCIATE request (RFC 1928 section 7) from its lease to the reply. The association goes on
/// by itself, and gives the lease back at its end, with one log line.
///
/// Runs on the lease's executor, where the client must have been moved to.
awaitable<void> run_association(pending_flow flow, pool::lease held, udp_service& with);

}  // namespace tunnel::proxy
