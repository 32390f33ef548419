#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "aio/asio.hpp"
#include "base/octets.hpp"
#include "relay/filter.hpp"
#include "udp/framing/message.hpp"

namespace tunnel::relay {

/// Room for one frame with the largest datagram that a socket gives, shared by all associations of a thread.
using frame_room = std::array<octet, udp::framing::max_frame>;

/// What an association's sockets receive goes there.
class downstream {
 public:
  virtual ~downstream() = default;

  /// A whole frame, to be copied.
  virtual void add(octet_view frame) = 0;

  /// After the last of several.
  virtual void flush() = 0;
};

/// One socket for each address family, bound when it is first sent from. Datagrams of any peer that the
/// filter allows are passed on with their source, to whatever port: a full-cone NAT.
///
/// Thread: the executor's. `to`, `rules` and `room` must live until close().
class association : public std::enable_shared_from_this<association> {
 public:
  using clock = std::chrono::steady_clock;

  struct counters {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    /// Came from addresses that the filter denies, or could not be sent at once.
    std::uint64_t dropped = 0;
  };

  association(asio::any_io_executor executor, std::uint32_t number, const filter& rules, frame_room& room,
              downstream& to);

  /// Sends without waiting: what the system does not take at once is dropped. The address is a plain one
  /// (aio::unmapped()), and the filter has been asked. Errors: the system's, as when there is no such family.
  error_code send(const asio::ip::udp::endpoint& target, octet_view payload);

  /// Gives the sockets back at once; nothing is delivered after it. Idempotent.
  void close();

  /// When a datagram last went either way.
  [[nodiscard]] clock::time_point used() const { return used_; }
  void touch() { used_ = clock::now(); }
  [[nodiscard]] const counters& counted() const { return counted_; }

  /// True at most once a second: whether to tell the client of a failure.
  bool may_notice();

 private:
  using udp_socket = asio::ip::udp::socket;

  error_code open(udp_socket& socket, const asio::ip::udp& family);
  void wait(udp_socket& socket);
  void receive(udp_socket& socket);
  void deliver(const asio::ip::udp::endpoint& peer, std::size_t payload_at, std::size_t size);

  std::uint32_t number_;
  const filter& rules_;
  frame_room& room_;
  downstream& to_;
  udp_socket four_;
  udp_socket six_;
  clock::time_point used_ = clock::now();
  std::optional<clock::time_point> noticed_;
  counters counted_;
};

}  // namespace tunnel::relay
