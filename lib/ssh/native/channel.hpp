#pragma once

#include <memory>
#include <optional>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "ssh/channel.hpp"
#include "ssh/native/command.hpp"
#include "ssh/native/core/channel_table.hpp"

namespace tunnel::ssh::native {

class connection;

/// The owner's end of a channel, and what the connection knows of it.
class channel final : public ssh::channel {
 public:
  channel(connection& owner, channel_id id, asio::any_io_executor executor);
  ~channel() override;

  void attach(channel_handler& handler) override;
  void resume() override;
  std::span<const octet_span> prepare() override;
  void commit(std::size_t count) override;
  void expedite() override { expedited_ = true; }
  void send_eof() override;

 private:
  friend class connection;

  connection* owner_;
  channel_id id_;
  channel_handler* handler_ = nullptr;
  // The handler has had enough for now, or there is none yet.
  bool paused_ = true;
  // prepare() gave nothing for want of room in the connection's queue.
  bool in_line_ = false;
  bool expedited_ = false;
  bool eof_due_ = false;
  bool closed_due_ = false;
  // What the connection gathers for one delivery: a chain of its pieces.
  std::uint32_t first_piece_ = 0;
  std::uint32_t last_piece_ = 0;
  std::uint32_t pieces_ = 0;
  std::uint32_t piece_octets_ = 0;
  // What came while paused: at most the window.
  octets held_;
  // Null for any other channel than a command's.
  std::unique_ptr<command> command_;
  // For a handler that comes after the connection's end.
  std::shared_ptr<channel_handler*> late_;
  std::optional<error> lost_;
  asio::any_io_executor executor_;
};

}  // namespace tunnel::ssh::native
