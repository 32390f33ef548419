#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "support/deadline.hpp"
#include "support/descriptor.hpp"

namespace tunnel::integration {

/// How a peer ended its half of a connection.
enum class ending { end_of_stream, reset };

std::ostream& operator<<(std::ostream& out, ending shown);

/// A connected TCP socket with a deadline on every call. Failures throw std::system_error, a passed deadline
/// throws timed_out. One thread may send while another receives.
class tcp_stream {
 public:
  explicit tcp_stream(descriptor socket);

  /// Connects to an address literal.
  static tcp_stream connect(const std::string& address, std::uint16_t port, milliseconds limit = patience);
  /// The same from an address of this machine.
  static tcp_stream connect_from(const std::string& local, const std::string& address, std::uint16_t port,
                                 milliseconds limit = patience);

  /// This end's port.
  [[nodiscard]] std::uint16_t local_port() const;

  void send(std::string_view data, milliseconds limit = patience) const;

  /// At least one octet, or 0 at the end of the stream.
  [[nodiscard]] std::size_t receive_some(std::span<char> space, milliseconds limit = patience) const;

  /// Throws std::runtime_error when the stream ends before `count` octets came.
  [[nodiscard]] std::string receive_exactly(std::size_t count, milliseconds limit = patience) const;

  struct rest {
    std::string data;
    ending how;
  };
  /// All that comes until the peer ends the connection one way or the other.
  [[nodiscard]] rest receive_to_end(milliseconds limit = patience) const;

  /// True when the peer has ended the connection or sent something.
  [[nodiscard]] bool readable(milliseconds limit) const;

  /// Sends a FIN; receiving goes on.
  void shut_down_sending() const;
  /// Ends both directions and wakes whoever waits on this stream; the descriptor stays.
  void shut_down() const;
  /// Closes with a RST instead of a FIN.
  void reset();
  void close() { socket_.close(); }

 private:
  descriptor socket_;
};

/// A listening TCP socket on a loopback address.
class tcp_listener {
 public:
  /// Port 0 picks one. Throws std::system_error.
  explicit tcp_listener(const std::string& address = "127.0.0.1", std::uint16_t port = 0, int backlog = 1024);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int native_handle() const { return socket_.get(); }
  [[nodiscard]] tcp_stream accept(milliseconds limit = patience) const;

 private:
  descriptor socket_;
  std::uint16_t port_ = 0;
};

/// How many connections to this port of 127.0.0.1 the listening program still holds, whether or not the
/// client has ended them.
std::size_t held_connections(std::uint16_t port);

/// A port of 127.0.0.1 that nobody listens on, below the range from which the kernel takes the ports of
/// outgoing connections: a server can give it up and find it free again, and nobody can connect to itself. No
/// other test program is given it while this one runs.
std::uint16_t free_port();

/// Whether somebody takes connections there.
bool accepts_connections(const std::string& address, std::uint16_t port);

}  // namespace tunnel::integration
