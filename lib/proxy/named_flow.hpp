#pragma once

#include <memory>

#include "dns/resolver.hpp"
#include "pool/pool.hpp"
#include "proxy/flow.hpp"

namespace tunnel::proxy {

/// Carries a CONNECT request for a name: looks its addresses up through the tunnel, races opens to them (RFC
/// 8305), each on whichever SSH connection has room for it, and hands the client to the thread of the one
/// that is open first.
///
/// The SSH server is asked to connect to addresses alone, since OpenSSH's sshd looks a name up in the process
/// that carries every flow of the connection, and carries none meanwhile. Runs on the accepting thread.
awaitable<void> connect_by_name(pending_flow flow, pool::pool& connections,
                                std::shared_ptr<dns::resolver> names);

}  // namespace tunnel::proxy
