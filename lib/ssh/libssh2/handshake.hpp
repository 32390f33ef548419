#pragma once

#include <string>
#include <vector>

#include "ssh/connection.hpp"
#include "ssh/engine.hpp"
#include "ssh/libssh2/transport.hpp"

namespace tunnel::ssh::libssh2 {

/// Version exchange and key exchange (RFC 4253 sections 4.2 and 7), asking for `known_types` of host key
/// first. Errors: errc::handshake_failed, errc::connection_lost.
awaitable<result<host_key>> shake_hands(transport& link, std::vector<std::string> known_types);

/// What the handshake settled on.
connection_info describe_session(const transport& link);

}  // namespace tunnel::ssh::libssh2
