#pragma once

#include <memory>

#include "dns/resolver.hpp"
#include "proxy/flow.hpp"

namespace tunnel::proxy {

/// Answers RESOLVE and RESOLVE_PTR, with which Tor extends SOCKS (its socks-extensions, section 2): BND.ADDR
/// of the reply is an address of the name, or the name of the address with ATYP 03, BND.PORT is 0, and the
/// connection is closed. RESOLVE prefers IPv4, which is all that SOCKS4a has room for.
///
/// Runs on the accepting thread.
awaitable<void> answer_resolve(pending_flow flow, std::shared_ptr<dns::resolver> names);

}  // namespace tunnel::proxy
