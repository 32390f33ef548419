#pragma once

#include <chrono>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "aio/asio.hpp"
#include "aio/local_end.hpp"
#include "base/error.hpp"
#include "base/octets.hpp"
#include "ssh/channel.hpp"
#include "ssh/command.hpp"
#include "ssh/endpoint.hpp"
#include "ssh/remote_listener.hpp"

namespace tunnel::ssh {

/// Whom the connection is with, and what the key exchange settled on, in the algorithms' wire spelling.
struct connection_info {
  /// The server's identification string, sanitised.
  std::string server;
  std::string kex;
  std::string host_key;
  std::string cipher;
  /// Empty for an AEAD cipher.
  std::string mac;
  /// The server's address, where the connection goes straight to it.
  std::optional<asio::ip::address> address = {};
};

/// Told what happens to a connection, on its thread.
class connection_observer {
 public:
  connection_observer() = default;
  connection_observer(const connection_observer&) = delete;
  connection_observer& operator=(const connection_observer&) = delete;

  /// The connection is gone, and every channel of it. Told once; not told after close().
  virtual void on_lost(const error& why) = 0;

  /// An open that open_direct_tcpip(), open_direct_streamlocal() or run() began no longer counts against
  /// open_limit(). For an open that was given up this may be long after its awaitable ended.
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

  /// Opens a channel to the Unix-domain socket at `path` on the server (direct-streamlocal@openssh.com,
  /// OpenSSH's PROTOCOL section 2.4). Errors and cancellation: as open_direct_tcpip().
  virtual awaitable<result<std::unique_ptr<channel>>> open_direct_streamlocal(
      std::string path, std::chrono::steady_clock::duration limit) = 0;

  /// Runs a command by the user's login shell (session and exec, RFC 4254 section 6.5). The channel is its
  /// standard input and output; `told` hears what else there is, from now on, and must outlive the channel.
  ///
  /// Errors: as open_direct_tcpip(), `limit` being for both steps; errc::request_refused when the server
  ///   opens a session and does not run the command.
  /// Cancellation: closes the session, also one that the server opens late.
  virtual awaitable<result<std::unique_ptr<channel>>> run(std::string command, command_observer& told,
                                                          std::chrono::steady_clock::duration limit) = 0;

  /// Has the server listen at `at` (tcpip-forward, RFC 4254 section 7.1, which has names for "every address"
  /// and "loopback"); port 0 lets it choose. What it makes of the address is its own affair, so OpenSSH's
  /// sshd without GatewayPorts listens on loopback whatever is asked. One listener per port: servers name
  /// addresses in their own words, so that the port alone tells whose a connection is.
  ///
  /// Errors: errc::request_refused; errc::open_timeout after `limit`; errc::connection_lost;
  ///   errc::unsupported_by_engine, with the reason.
  /// Cancellation: gives it up; a listening that begins late is ended.
  virtual awaitable<result<std::unique_ptr<remote_listener>>> listen(
      endpoint at, std::chrono::steady_clock::duration limit) = 0;

  /// How many opens may be in flight at once. One more is the caller's mistake.
  [[nodiscard]] virtual std::size_t open_limit() const = 0;

  /// When the server was last heard of.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point last_heard() const = 0;

  /// What has become of this machine's end of it, as far as that can be told.
  [[nodiscard]] virtual aio::local_end look_at_local_end() const = 0;

  /// Asks the server for a sign of life, which moves last_heard().
  virtual void probe() = 0;

  /// Ends the connection as lost, for a reason that was found out from outside.
  virtual void fail(error why) = 0;

  /// Ends the connection by intent: SSH_MSG_DISCONNECT, then the stream. Channels end as lost.
  virtual void close() = 0;
};

}  // namespace tunnel::ssh
