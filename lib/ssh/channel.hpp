#pragma once

#include <cstddef>
#include <span>

#include "base/error.hpp"
#include "base/octets.hpp"

namespace tunnel::ssh {

/// Receives what happens on a channel. Called on the connection's thread, from its event loop and never
/// from within a call on the channel. A handler may destroy the channel from any of these.
class channel_handler {
 public:
  channel_handler() = default;
  channel_handler(const channel_handler&) = delete;
  channel_handler& operator=(const channel_handler&) = delete;

  /// Octets in order, once, in pieces as they came; all of them are the handler's from here on, and the views
  /// end with the call. At most channel::max_delivery octets in channel::max_pieces pieces. False: no more
  /// until channel::resume(), meanwhile the SSH window closes and the server stops sending.
  [[nodiscard]] virtual bool on_data(std::span<const octet_view> pieces) = 0;

  /// The server sends no more (SSH_MSG_CHANNEL_EOF, RFC 4254 section 5.3). Data may still go the other way.
  virtual void on_eof() = 0;

  /// There is room again after channel::prepare() gave none.
  virtual void on_writable() = 0;

  /// The channel is over: closed by the server when `lost` is null, or gone with its connection, so
  /// that what came before may be incomplete. Nothing is called after this.
  virtual void on_closed(const error* lost) = 0;

 protected:
  ~channel_handler() = default;
};

/// An open channel (RFC 4254): a stream of octets each way, with half-close and backpressure.
///
/// Thread: the connection's. Destroying it closes it (SSH_MSG_CHANNEL_CLOSE after what was committed);
/// it may outlive its connection.
class channel {
 public:
  /// The most octets that one on_data() brings, and in how many pieces.
  static constexpr std::size_t max_delivery = 256 * 1024;
  static constexpr std::size_t max_pieces = 16;

  channel() = default;
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;
  virtual ~channel() = default;

  /// Names the handler, which must outlive the channel, and starts delivery. On a channel whose connection
  /// has gone in the meantime, on_closed() follows.
  virtual void attach(channel_handler& handler) = 0;

  /// Delivers again after on_data() returned false.
  virtual void resume() = 0;

  /// Room for octets to be sent, in pieces that are filled one after the other, at most max_pieces; none when
  /// the server's window or the connection's queue is full, and then on_writable() follows. Valid until the
  /// next call on any channel of the connection.
  virtual std::span<const octet_span> prepare() = 0;

  /// Sends the first `count` octets, at least one, of what prepare() gave.
  virtual void commit(std::size_t count) = 0;

  /// Has what is sent here go ahead of what other channels wait to send: for a little that somebody waits
  /// for. Not by every engine.
  virtual void expedite() {}

  /// Says that no more will be sent. What was committed goes first.
  virtual void send_eof() = 0;
};

}  // namespace tunnel::ssh
