#pragma once

#include <memory>

#include "aio/asio.hpp"
#include "aio/byte_stream.hpp"
#include "base/error.hpp"
#include "ssh/native/core/transport.hpp"

namespace tunnel::ssh::native {

/// The transport protocol on a stream: moves octets between the two.
///
/// Thread: the stream's.
class link {
 public:
  link(std::unique_ptr<aio::byte_stream> stream, transport::options how);

  aio::byte_stream& stream() { return *stream_; }
  [[nodiscard]] const aio::byte_stream& stream() const { return *stream_; }
  transport& protocol() { return protocol_; }

  /// What a read of the stream came to.
  enum class progress { nothing, all_there_was, more_may_be_there };

  /// Takes what has come from the stream.
  /// Errors: errc::connection_lost; the server's end of the stream is one.
  result<progress> receive();

  /// Sends as much as the stream takes; what is left is in protocol().pending(). Errors: as receive().
  result<void> flush();

  /// The next event, after sending what is to be sent. For the time before the connection has its own loop.
  /// Errors: those of transport::next, with the server told; connection_lost.
  awaitable<result<transport::event>> next();

  /// When the server was last heard of.
  [[nodiscard]] time_point last_heard() const { return last_heard_; }

  /// Tells the server why, as far as the stream takes it at once, and closes the stream.
  void close(const error& why);

 private:
  [[nodiscard]] error lost(const std::string& how) const;

  std::unique_ptr<aio::byte_stream> stream_;
  transport protocol_;
  time_point last_heard_;
};

}  // namespace tunnel::ssh::native
