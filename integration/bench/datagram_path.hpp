#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/octets.hpp"
#include "flows.hpp"
#include "load.hpp"
#include "scenario.hpp"

namespace tunnel::bench {

/// A client's way for datagrams to the far end's echo: through an association of the subject's, or straight
/// where there is no proxy. Everything that goes wrong is thrown as run_failure; a datagram that gets lost
/// is not wrong.
class datagram_path {
 public:
  /// The most octets of a datagram.
  static constexpr std::size_t max_size = 1472;

  /// Returns once datagrams can be sent.
  explicit datagram_path(const test_bed& bed);

  void send(octet_view data);

  /// The next datagram that has come, valid until the next call; nothing when there is none.
  std::optional<octet_view> receive();

  /// Waits until one has come or that time has.
  void wait(clock::time_point until);

  /// Throws when the association has ended.
  void check();

 private:
  // RFC 1928 §7: RSV, FRAG, ATYP, an IPv4 address, a port.
  static constexpr std::size_t header_size = 10;

  listener socket_;
  poller poller_;
  load control_;
  // What stands before each datagram in both directions: the target of one is the source of its echo.
  octets header_;
  std::array<octet, header_size + max_size + 1> came_{};
};

}  // namespace tunnel::bench
