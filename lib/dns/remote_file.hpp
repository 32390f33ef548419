#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "pool/pool.hpp"

namespace tunnel::dns {

/// What the file at `path` on the SSH server holds, by running `cat` there: it needs nothing else installed,
/// works in every shell, and sees what the user may see. `path` has no characters that mean something to a
/// shell.
///
/// Errors: the command's, with what it said on its standard error; a file of more than `max_size` octets;
///   ssh::errc::open_timeout after `limit`; errors of pool::acquire() and ssh::connection::run().
/// Thread: the pool's.
awaitable<result<std::string>> read_remote_file(pool::pool& connections, std::string path,
                                                std::size_t max_size,
                                                std::chrono::steady_clock::duration limit);

}  // namespace tunnel::dns
