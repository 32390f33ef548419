#pragma once

#include <chrono>
#include <string>

#include "base/octets.hpp"

namespace tunnel::udp {

/// A UDP relay for a server that has nothing installed but Python 3.6 or later: a command to run there, and
/// what to send to its standard input first.
///
/// The command is short and reads as many octets of program as it knows there to be, then runs them, so that
/// nothing is written to a file and no limit on a command line's length counts. Any octets may follow the
/// program at once: the client's greeting (udp/framing) may be in the same write. The command is the same in
/// bash, dash, zsh, fish and csh. Standard error has sentences for a log; exit status 127 is the shell's word
/// for "no python3".
struct relay_script {
  std::string command;
  /// Lives as long as the process.
  octet_view program;
};

/// `idle_limit`: when the relay ends an association that has no datagrams.
[[nodiscard]] relay_script make_relay_script(std::chrono::duration<double> idle_limit);

}  // namespace tunnel::udp
