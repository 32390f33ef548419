#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/octets.hpp"

namespace tunnel::ssh {

/// How a command ended (RFC 4254 section 6.10).
struct command_exit {
  /// Its exit status; nothing when a signal ended it.
  std::optional<std::uint32_t> status;
  /// That signal's name without "SIG", sanitised.
  std::string signal;
};

/// Told what a command says beside its channel, on the connection's thread, from its event loop and never
/// from within a call on the channel. It may destroy the channel, and is told nothing after that.
class command_observer {
 public:
  command_observer() = default;
  command_observer(const command_observer&) = delete;
  command_observer& operator=(const command_observer&) = delete;

  /// Octets of its standard error (SSH_EXTENDED_DATA_STDERR, RFC 4254 section 5.2), in order and as soon as
  /// they come: before the channel has a handler, and while that takes nothing. The view ends with the call.
  virtual void on_standard_error(octet_view data) = 0;

  /// The command has ended. Told behind its last octet and before channel_handler::on_closed(); not at all by
  /// a server that does not say, nor when the connection was lost.
  virtual void on_exit(const command_exit& how) = 0;

 protected:
  ~command_observer() = default;
};

}  // namespace tunnel::ssh
