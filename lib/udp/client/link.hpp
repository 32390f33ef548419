#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "base/octets.hpp"
#include "socks/address.hpp"
#include "udp/client/access.hpp"

namespace tunnel::udp {

/// Datagrams that were not passed on, by reason.
struct drop_counts {
  /// The connection did not take them as fast as they came.
  std::uint64_t no_room = 0;
  /// This way carries none that are so large.
  std::uint64_t too_large = 0;
  /// This way does not lead to such a target.
  std::uint64_t no_way = 0;
  /// DNS queries that nobody answered.
  std::uint64_t unanswered = 0;
};

/// Receives what comes for an association. Called on the connection's thread, from its event loop and never
/// from within a call on the association. A handler may destroy the association from either.
class association_handler {
 public:
  association_handler() = default;
  association_handler(const association_handler&) = delete;
  association_handler& operator=(const association_handler&) = delete;

  /// A datagram from `source`: a numeric address, or the name of a DNS server that was asked by its name.
  /// Both end with the call.
  virtual void on_datagram(const socks::address& source, octet_view data) = 0;

  /// The way is gone, with a sentence that says why. Nothing is called after this.
  virtual void on_lost(const error& why) = 0;

 protected:
  ~association_handler() = default;
};

/// A port of its own at the far end of a link, from which datagrams go out and to which they come: from any
/// peer, where the link's kind allows it. Destroying it gives the port back.
///
/// Thread: the connection's.
class association {
 public:
  association() = default;
  association(const association&) = delete;
  association& operator=(const association&) = delete;
  virtual ~association() = default;

  /// Sends `data` (at most 65,527 octets, what IPv6 leaves of 65,535) to `target`, whose name, if it is one,
  /// is resolved at the far end. Nothing is promised, as always with datagrams; what is known to be dropped
  /// is counted. Does not allocate once it is under way.
  ///
  /// It may wait for more until flush().
  virtual void send(const socks::address& target, octet_view data) = 0;

  /// Has what was sent go now, as far as there is room: after the last of some datagrams in a row. Call it
  /// before the event loop goes on.
  virtual void flush() {}

  [[nodiscard]] virtual const drop_counts& dropped() const = 0;
};

/// A way for datagrams through an SSH connection, for any number of associations at once.
///
/// Thread: the connection's, for every member.
class link {
 public:
  link() = default;
  link(const link&) = delete;
  link& operator=(const link&) = delete;
  virtual ~link() = default;

  /// Begins an association; `told` must outlive it. `by` opens what channels it needs of its own.
  /// Errors: the reason why there is none, a sentence.
  virtual awaitable<result<std::unique_ptr<association>>> open(std::shared_ptr<access> by,
                                                               association_handler& told) = 0;

  /// Whether it is gone, and associations with it.
  [[nodiscard]] virtual bool lost() const = 0;

  /// Since when it has had no association; nothing while it has one.
  [[nodiscard]] virtual std::optional<std::chrono::steady_clock::time_point> idle_since() const = 0;
};

}  // namespace tunnel::udp
