#pragma once

#include "base/error.hpp"
#include "socks/reply.hpp"

namespace tunnel::proxy {

/// The SOCKS reply that tells a client why there is no connection to its target: the one place where
/// that is decided.
///
/// A server refuses a channel with a reason code and a description (RFC 4254 section 5.1). OpenSSH's
/// description of a failed connect is the system's own text, so its words are more telling than the code
/// and are looked at first. A request to listen, or to run a command, it refuses without a reason: because it
/// is not to do so, as far as can be told.
socks::reply_code reply_for(const error& failure);

}  // namespace tunnel::proxy
