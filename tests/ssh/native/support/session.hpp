#pragma once

#include "client.hpp"
#include "messages.hpp"
#include "peer.hpp"

namespace tunnel::ssh::native::support {

/// A client and a peer on one line, without sockets.
struct session {
  session() = default;
  explicit session(peer::options server_how, client::options client_how = {})
      : server(std::move(server_how)), user(std::move(client_how)) {}

  peer server;
  client user;

  /// Carries octets both ways until neither has any more to say. Throws when they never come to rest.
  void pump();
  /// Up to and with the answer to the user's request, everything granted.
  void authenticate();
  /// A channel that is open, and its number on this side.
  channel_id open_channel(window offered = {});
  /// The server says this, and both react.
  void say(octet_view payload);
};

}  // namespace tunnel::ssh::native::support
