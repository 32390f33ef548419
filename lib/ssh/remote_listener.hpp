#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "base/error.hpp"
#include "ssh/channel.hpp"
#include "ssh/endpoint.hpp"

namespace tunnel::ssh {

/// Takes the connections that come to a remote listener. Called on the connection's thread, from its event
/// loop and never from within a call on the listener. A handler may destroy the listener from any of these.
class remote_listener_handler {
 public:
  remote_listener_handler() = default;
  remote_listener_handler(const remote_listener_handler&) = delete;
  remote_listener_handler& operator=(const remote_listener_handler&) = delete;

  /// Somebody has connected (forwarded-tcpip, RFC 4254 section 7.2). Destroying the channel sends them away.
  /// `originator` is who it is, as the server says (an address, but not sanitised); nothing where the engine
  /// cannot tell.
  virtual void on_connection(std::unique_ptr<channel> opened, std::optional<endpoint> originator) = 0;

  /// The listener is gone with its connection. Nothing is called after this.
  virtual void on_closed(const error& lost) = 0;

 protected:
  ~remote_listener_handler() = default;
};

/// A place where the server listens for this side (tcpip-forward, RFC 4254 section 7.1).
///
/// Thread: the connection's. Destroying it ends the listening (cancel-tcpip-forward); channels that came from
/// it stay. It may outlive its connection.
class remote_listener {
 public:
  /// The most connections that wait for the handler to be named; the server is to refuse more.
  static constexpr std::size_t max_waiting = 16;

  remote_listener() = default;
  remote_listener(const remote_listener&) = delete;
  remote_listener& operator=(const remote_listener&) = delete;
  virtual ~remote_listener() = default;

  /// Where the server was asked to listen, with the port that it chose if it was to choose.
  [[nodiscard]] virtual const endpoint& address() const = 0;

  /// Names the handler, which must outlive the listener; those who have connected already follow. On a
  /// listener whose connection has gone in the meantime, on_closed() follows.
  virtual void attach(remote_listener_handler& handler) = 0;
};

}  // namespace tunnel::ssh
