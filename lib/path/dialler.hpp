#pragma once

#include <chrono>
#include <memory>

#include "aio/asio.hpp"
#include "aio/byte_stream.hpp"
#include "base/error.hpp"
#include "ssh/endpoint.hpp"

namespace tunnel::path {

/// When ConnectTimeout says nothing: for each step that waits for a peer.
inline constexpr std::chrono::seconds default_timeout{30};

using stream_result = result<std::unique_ptr<aio::byte_stream>>;

/// A way to reach hosts. One layer uses another: a jump host reaches its target through an SSH connection
/// over a stream that the dialler before it gave.
///
/// Safe to use from several threads at once: each SSH connection of the pool is dialled on its own.
class dialler {
 public:
  dialler() = default;
  dialler(const dialler&) = delete;
  dialler& operator=(const dialler&) = delete;
  virtual ~dialler() = default;

  /// Gives a stream to `target`, which lives on the caller's executor, as the dialler's own errors do.
  /// `may_ask`: whether the user may be asked for secrets and confirmations, which blocks the thread.
  ///
  /// Errors: a sentence that says which part of the way failed, and why; every wait on a peer ends.
  /// Cancellation: through the awaitable's slot; nothing is left open.
  virtual awaitable<stream_result> dial(ssh::endpoint target, bool may_ask) = 0;
};

}  // namespace tunnel::path
