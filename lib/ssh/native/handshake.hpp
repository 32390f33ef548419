#pragma once

#include <chrono>

#include "ssh/engine.hpp"
#include "ssh/native/link.hpp"

namespace tunnel::ssh::native {

/// Runs the identification and the first key exchange on `carrier`, up to the server's host key, which is
/// proved and not yet trusted.
///
/// Errors: ssh::errc::handshake_failed, ssh::errc::connection_lost, each with a sentence.
awaitable<result<host_key>> receive_host_key(link& carrier);

/// Takes the host key for good and the new keys into use. Errors: as above.
awaitable<result<void>> finish_key_exchange(link& carrier);

}  // namespace tunnel::ssh::native
