#pragma once

#include <libssh2.h>

#include <chrono>
#include <memory>
#include <string>

#include "aio/asio.hpp"
#include "aio/byte_stream.hpp"
#include "base/error.hpp"
#include "base/octets.hpp"
#include "ssh/userauth.hpp"

namespace tunnel::ssh::libssh2 {

/// A libssh2 session over a byte_stream.
///
/// libssh2 wants a call that met a full socket to be repeated, with the same arguments, before any other
/// call sends. Here no call ever meets one: its packets go to a queue of ours, which takes everything and
/// is emptied by flush(). What keeps the queue short is that nobody writes while it is long (queued()).
///
/// In the same way libssh2 reads only what it is given leave to: a call that is made to send never takes
/// input aside, so packets are parsed where the caller expects it and nowhere else.
class transport {
 public:
  explicit transport(std::unique_ptr<aio::byte_stream> stream);
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;
  ~transport();

  [[nodiscard]] LIBSSH2_SESSION* session() const { return session_; }
  [[nodiscard]] aio::byte_stream& stream() const { return *stream_; }
  /// The descriptor to give libssh2_session_handshake().
  [[nodiscard]] int placeholder() const { return placeholder_; }

  /// Lets libssh2 read up to `limit` octets from the stream; 0 for none.
  void allow_input(std::size_t limit);
  /// Whether libssh2 has read since then, or tried to.
  [[nodiscard]] bool input_asked() const { return input_asked_; }
  /// True when the stream had no more octets at the last read.
  [[nodiscard]] bool input_exhausted() const { return input_exhausted_; }
  [[nodiscard]] std::chrono::steady_clock::time_point last_heard() const { return last_heard_; }

  /// Octets that the stream has not taken yet.
  [[nodiscard]] std::size_t queued() const { return output_.size() - output_sent_; }
  /// Sends what the stream takes. False when the stream has failed.
  bool flush();

  /// Makes `call`, which returns a libssh2 status, until it is something else than LIBSSH2_ERROR_EAGAIN.
  /// For the time before channels, when one thing happens after another. Gives up with
  /// LIBSSH2_ERROR_TIMEOUT when the server is silent for `patience`.
  template <class Call>
  awaitable<int> complete(Call call) {
    for (;;) {
      allow_input(unlimited_input);
      const int status = call();
      if (!flush()) co_return LIBSSH2_ERROR_SOCKET_SEND;
      if (status != LIBSSH2_ERROR_EAGAIN) co_return status;
      if (const int waited = co_await progress(); waited != 0) co_return waited;
    }
  }

  /// True once the stream has ended or failed, or the server has disconnected.
  [[nodiscard]] bool ended() const { return !end_reason_.empty(); }

  /// Why the connection cannot go on, as a sentence, given the status that a call returned.
  [[nodiscard]] std::string describe(int status) const;

  /// Answers keyboard-interactive rounds; set around the call that needs it.
  const kbdint_responder* responder = nullptr;

 private:
  static constexpr std::size_t unlimited_input = static_cast<std::size_t>(-1);
  // A server may take its time over a password (PAM's delays); this is longer than any of them.
  static constexpr auto patience = std::chrono::seconds(60);

  // libssh2 calls these for an agent's socket too, which is told by its descriptor and left to the system.
  static ssize_t receive(int socket, void* data, std::size_t size, int flags, void** context);
  static ssize_t send(int socket, const void* data, std::size_t size, int flags, void** context);
  static void disconnected(LIBSSH2_SESSION* session, int reason, const char* message, int message_length,
                           const char* language, int language_length, void** context);

  void drop_sent();
  awaitable<int> progress();
  ssize_t fill(octet_span data);

  std::unique_ptr<aio::byte_stream> stream_;
  // libssh2 insists on a descriptor to call its own, though every octet goes through the callbacks.
  int placeholder_;
  LIBSSH2_SESSION* session_;
  octets output_;
  std::size_t output_sent_ = 0;
  std::size_t input_allowed_ = 0;
  bool input_asked_ = false;
  bool input_exhausted_ = true;
  std::chrono::steady_clock::time_point last_heard_ = std::chrono::steady_clock::now();
  // What the stream or the server said last, for describe().
  std::string end_reason_;
};

}  // namespace tunnel::ssh::libssh2
