#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "aio/asio.hpp"
#include "ssh/channel.hpp"

namespace tunnel::support {

/// The server's end of a channel that exists in memory only, in a test's hands. It outlives the channel.
///
/// Thread: the channel's.
class channel_peer : public std::enable_shared_from_this<channel_peer> {
 public:
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  explicit channel_peer(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// The client's end. Once.
  std::unique_ptr<ssh::channel> open();

  // What the client's end did.
  [[nodiscard]] const std::string& received() const { return received_; }
  /// In how many calls of channel::commit().
  [[nodiscard]] unsigned commits() const { return commits_; }
  [[nodiscard]] bool eof() const { return eof_; }
  [[nodiscard]] bool destroyed() const { return destroyed_; }
  [[nodiscard]] bool attached() const { return handler_ != nullptr; }
  [[nodiscard]] bool paused() const { return paused_; }
  [[nodiscard]] unsigned resumed() const { return resumed_; }
  [[nodiscard]] bool expedited() const { return expedited_; }

  /// Room for so many more octets; tells the handler if it waits for some.
  void set_window(std::size_t octets);
  /// SSH_MSG_CHANNEL_DATA. The handler's answer; a test that ignores false breaks the contract itself.
  bool deliver(std::string_view data);
  /// SSH_MSG_CHANNEL_EOF.
  void end();
  /// SSH_MSG_CHANNEL_CLOSE.
  void close();
  /// The connection's end, before or after the handler is named.
  void lose(const error& why);

 private:
  class client_end;

  asio::any_io_executor executor_;
  ssh::channel_handler* handler_ = nullptr;
  std::optional<error> lost_;
  std::string received_;
  unsigned commits_ = 0;
  std::size_t window_ = unlimited;
  bool wanted_ = false;
  bool eof_ = false;
  bool destroyed_ = false;
  bool paused_ = false;
  unsigned resumed_ = 0;
  bool expedited_ = false;
};

}  // namespace tunnel::support
