#pragma once

#include <string>
#include <vector>

#include "support/socks_client.hpp"

namespace tunnel::integration {

/// The values of --engine that this build has. Every scenario that involves SSH runs with each.
std::vector<std::string> engines();

/// Why a target could not be reached, as the SSH server saw it.
enum class failure { refused, unresolvable, prohibited, timed_out };

/// The SOCKS5 reply that `engine` can know to give.
///
/// libssh2 reports the reason code of a failed open (RFC 4254 §5.1) but not the server's description, and the
/// reason is SSH_OPEN_CONNECT_FAILED for a refused connection and for an unknown name alike: both give 05.
reply expected_reply(const std::string& engine, failure why);

}  // namespace tunnel::integration
