#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/octets.hpp"
#include "pool/pool.hpp"
#include "proxy/client.hpp"
#include "ssh/channel.hpp"

namespace tunnel::proxy {

/// A flow whose channel is open, whichever side opened it.
struct open_flow {
  client from;
  /// What the client sent behind its request.
  octets early;
  std::unique_ptr<ssh::channel> to;
  /// Of the channel's connection; given back at the flow's end.
  pool::lease held;
  /// Which flow it is, for its line in the log: "127.0.0.1:50000 -> example.org:80".
  std::string name;
  /// When the client was served with it.
  std::chrono::steady_clock::time_point started;
};

/// Sends the client its last reply and starts the relay, which goes on by itself and ends with one log line.
///
/// Runs on the lease's executor, where the client must have been moved to.
awaitable<void> grant(open_flow flow, octets reply);

}  // namespace tunnel::proxy
