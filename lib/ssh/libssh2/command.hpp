#pragma once

#include <libssh2.h>

#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "ssh/command.hpp"
#include "ssh/pending_answer.hpp"

namespace tunnel::ssh::libssh2 {

/// What a channel that runs a command has beside its stream. Each call does what can be done now; what is
/// said to the observer may destroy the channel's owner's end, after which nothing more is said.
class command {
 public:
  using start = pending_answer<result<void>>;

  command(std::string text, command_observer& told, std::shared_ptr<start> starting);

  /// Whether the server's answer is still to come. libssh2 must see it, or would take it for that to another
  /// channel of the same number.
  [[nodiscard]] bool starting() const { return starting_ != nullptr; }
  /// Asks the server to run it. Returns the libssh2 status of a connection that cannot go on, or 0.
  int advance(LIBSSH2_CHANNEL* raw);

  /// Tells what has come of its standard error. Returns 0 when that was all, 1 when there may be more, or the
  /// libssh2 status of a connection that cannot go on.
  int hear_errors(LIBSSH2_CHANNEL* raw, octet_span buffer);

  void tell_exit(LIBSSH2_SESSION* session, LIBSSH2_CHANNEL* raw);

  /// The owner's end is gone.
  void silence() { observer_ = nullptr; }
  /// The connection is over.
  void end(const error& why);

 private:
  void answer(result<void> outcome);

  std::string text_;
  command_observer* observer_;
  std::shared_ptr<start> starting_;
};

}  // namespace tunnel::ssh::libssh2
