#pragma once

#include <chrono>
#include <cstddef>
#include <limits>
#include <memory>
#include <string>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "ssh/channel.hpp"
#include "ssh/endpoint.hpp"

namespace tunnel::ssh {

/// What the key exchange settled on, in the algorithms' wire spelling, for the log.
struct connection_info {
  /// The server's identification string, sanitised.
  std::string server;
  std::string kex;
  std::string host_key;
  std::string cipher;
  /// Empty for an AEAD cipher.
  std::string mac;
};

/// Told what happens to a connection, on its thread.
class connection_observer {
 public:
  connection_observer() = default;
  connection_observer(const connection_observer&) = delete;
  connection_observer& operator=(const connection_observer&) = delete;

  /// The connection is gone, and every channel of it. Told once; not told after close().
  virtual void on_lost(const error& why) = 0;

  /// An open that open_direct_tcpip() began no longer counts against open_limit(). For an open that was
  /// given up this may be long after its awaitable ended.
  virtual void on_open_settled() = 0;

 protected:
  ~connection_observer() = default;
};

/// One authenticated SSH connection (RFC 4254), whichever engine runs it.
///
/// Thread: that of get_executor(), for every member.
class connection {
 public:
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  virtual ~connection() = default;

  virtual asio::any_io_executor get_executor() = 0;
  [[nodiscard]] virtual const connection_info& info() const = 0;

  /// Names who is told; it must outlive the connection or be taken back with null.
  virtual void observe(connection_observer* observer) = 0;

  /// Opens a direct-tcpip channel to `target` (RFC 4254 section 7.2); `target.host` is sent verbatim and
  /// the server resolves it. `originator` is what the server's log shows.
  ///
  /// Errors: errc::administratively_prohibited to errc::open_failed as the server answered, with its
  ///   description (sanitised) as the message where the engine knows it; errc::open_timeout after
  ///   `limit`; errc::connection_lost.
  /// Cancellation: gives the open up; a channel that the server opens late is closed.
  virtual awaitable<result<std::unique_ptr<channel>>> open_direct_tcpip(
      endpoint target, endpoint originator, std::chrono::steady_clock::duration limit) = 0;

  /// How many opens may be in flight at once. One more is the caller's mistake.
  [[nodiscard]] virtual std::size_t open_limit() const = 0;

  /// When the server was last heard of.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point last_heard() const = 0;

  /// Asks the server for a sign of life, which moves last_heard().
  virtual void probe() = 0;

  /// Ends the connection as lost, for a reason that was found out from outside.
  virtual void fail(error why) = 0;

  /// Ends the connection by intent: SSH_MSG_DISCONNECT, then the stream. Channels end as lost.
  virtual void close() = 0;
};

}  // namespace tunnel::ssh
