#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "fail_nth.hpp"

/// A whole connection of the native engine, from the first octet to the last, in memory: the host key is
/// checked, the user gives a password, a caller comes to a remote listener, a channel carries some KiB each
/// way across a key re-exchange, and all is closed.
namespace tunnel::ssh::native {

/// Of the stream between client and server: an error of the system's.
fail_nth& reads();
fail_nth& writes();

/// Who is at the other end.
enum class server_kind {
  honest,
  /// Its signatures are not those of its host key.
  impostor,
  /// The user's list of known hosts does not have it.
  unknown,
  /// It lets nobody in.
  refusing,
};

struct outcome {
  /// The server is said to have proved its key.
  bool host_key_proved = false;
  /// A password went out.
  bool password_sent = false;
  /// engine::connect() gave a connection.
  bool connected = false;
  /// The caller came.
  bool visited = false;
  /// What came back on the channel, and whether it came to its end.
  std::string received;
  bool complete = false;
  /// Why it went wrong, as this side was told.
  std::optional<std::string> failure;
  /// An exception came out of the event loop: on a thread of the program's it would have ended the program.
  std::optional<std::string> escaped;
  /// Nothing was left to do, and nobody was told of an end.
  bool stuck = false;
  bool stream_closed = false;
};

/// What is sent, and comes back.
const std::string& sent_text();

outcome converse(server_kind with);

}  // namespace tunnel::ssh::native
