#pragma once

#include <libssh2.h>

#include <memory>
#include <optional>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "base/octets.hpp"
#include "ssh/channel.hpp"
#include "ssh/libssh2/command.hpp"

namespace tunnel::ssh::libssh2 {

class connection;

/// What a connection knows of one channel. Shared with the channel's owner, who may keep it beyond the
/// connection; `owner` is null from then on.
struct channel_state {
  connection* owner = nullptr;
  LIBSSH2_CHANNEL* raw = nullptr;
  channel_handler* handler = nullptr;
  /// The handler has had enough for now.
  bool paused = false;
  bool eof_told = false;
  /// prepare() gave nothing, so that on_writable() is due.
  bool wants_room = false;
  /// send_eof() was called, and is still to be carried out.
  bool eof_due = false;
  /// The owner has let go: close and forget.
  bool closing = false;
  /// Why it ended with its connection, for a handler that comes later than that.
  std::optional<error> lost;
  asio::any_io_executor executor;
  /// Octets that a key re-exchange kept from being sent; libssh2 wants them again, unchanged.
  octets held;
  /// Null for any other channel than a command's.
  std::unique_ptr<command> runs;
};

/// The owner's end of a channel.
class channel final : public ssh::channel {
 public:
  explicit channel(std::shared_ptr<channel_state> state);
  ~channel() override;

  /// Runs a command, on a session whose connection is still there.
  void run(std::unique_ptr<command> what);

  void attach(channel_handler& handler) override;
  void resume() override;
  std::span<const octet_span> prepare() override;
  void commit(std::size_t count) override;
  void send_eof() override;

 private:
  std::shared_ptr<channel_state> state_;
  octet_span room_;
};

}  // namespace tunnel::ssh::libssh2
