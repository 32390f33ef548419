#pragma once

#include <boost/system/result.hpp>
#include <functional>
#include <optional>
#include <string>

#include "aio/asio.hpp"
#include "aio/local_end.hpp"
#include "base/octets.hpp"

namespace tunnel::aio {

/// Which way a wait looks.
enum class direction { read, write };

/// An ordered, reliable stream of octets both ways: a TCP connection, or anything that behaves as one.
///
/// It is used by readiness, not by completion: ask for what can be had at once, and wait when that is
/// nothing. An SSH engine then reads straight into its own buffers and sends many packets in one call.
///
/// Thread: that of get_executor() alone. Destroying it closes it.
class byte_stream {
 public:
  using io_result = boost::system::result<std::size_t>;
  using wait_handler = std::function<void(boost::system::error_code)>;

  byte_stream() = default;
  byte_stream(const byte_stream&) = delete;
  byte_stream& operator=(const byte_stream&) = delete;
  virtual ~byte_stream() = default;

  virtual asio::any_io_executor get_executor() = 0;

  /// Takes up to data.size() octets that have arrived. 0 says that the peer has sent its last.
  /// Errors: asio::error::would_block when there is nothing yet; the transport's own otherwise.
  virtual io_result read_some(octet_span data) = 0;

  /// Hands over up to data.size() octets. Errors: asio::error::would_block when none would be taken.
  virtual io_result write_some(octet_view data) = 0;

  /// Calls `handler` once, when a read or a write may get on again (it may still would_block), or with
  /// operation_aborted when the stream is closed. One wait per direction at a time.
  virtual void async_wait(direction way, wait_handler handler) = 0;

  /// Ends both directions at once. Idempotent; pending waits end with operation_aborted.
  virtual void close() noexcept = 0;

  /// The far end, for messages: "192.0.2.1 port 22".
  [[nodiscard]] virtual std::string peer() const = 0;

  /// The far end's address, where the stream goes straight to it; nothing otherwise.
  [[nodiscard]] virtual std::optional<asio::ip::address> remote_address() const { return std::nullopt; }

  /// What has become of this machine's end of the connection under the stream, as far as that can be told.
  [[nodiscard]] virtual local_end look_at_local_end() const { return local_end::in_place; }
};

/// Suspends until `way` may get on again. Errors as byte_stream::async_wait.
/// Cancellation: closes nothing; the wait itself ends when the stream does.
awaitable<boost::system::error_code> wait_for(byte_stream& stream, direction way);

}  // namespace tunnel::aio
