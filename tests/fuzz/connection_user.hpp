#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "base/error.hpp"
#include "script.hpp"
#include "ssh/native/core/connection_protocol.hpp"

namespace tunnel::fuzz {

/// A user of the connection protocol who does what a script says, as far as the protocol's header allows it,
/// and checks that what comes is what may come: events only for channels that can have them, and no more
/// octets than the windows hold.
class connection_user {
 public:
  using protocol = ssh::native::connection_protocol;
  using channel_id = ssh::native::channel_id;
  using time_point = ssh::native::time_point;

  explicit connection_user(ssh::native::transport& link) : link_(link), protocol_(link) {}

  /// What the script says next. The time may pass by it.
  void act(script& from, time_point& now);
  /// A message for the protocol.
  result<void> take(const ssh::native::transport::received& message, time_point now);
  /// A message of the user's own that has reached the server.
  void on_sent(octet_view payload);

  /// Reads what was delivered at once, so that windows open again.
  void read_at_once() { reads_at_once_ = true; }
  /// What is delivered on a channel, and what is sent on it, is pattern() from 0 on.
  void expect_pattern(bool whether) { expects_pattern_ = whether; }
  static octet pattern(channel_id id, std::uint64_t place) {
    return static_cast<octet>(place * 7 + id + (place >> 8U));
  }

  /// Octets that were delivered on a channel. Nothing: the user has no such channel, or not any more.
  [[nodiscard]] std::optional<std::uint64_t> delivered(channel_id id) const;

 private:
  struct channel {
    enum class state { opening, offered, open };
    state now = state::opening;
    bool session = false;
    bool eof_received = false;
    bool close_received = false;
    bool eof_sent = false;
    bool wants_room = false;
    // One command is all that a session is for (RFC 4254 section 6.5).
    bool exec_sent = false;
    bool exec_due = false;
    // The server's number for it, and what it may still be sent.
    std::uint32_t remote = 0;
    std::uint64_t remote_window = 0;
    std::uint32_t remote_max_packet = 0;
    std::uint64_t delivered = 0;
    std::uint64_t unread = 0;
    std::uint64_t sent = 0;
  };

  [[nodiscard]] std::optional<channel_id> channel_at(std::size_t place) const;
  void open(octet kind);
  void with_channel(octet what, octet place, std::uint32_t amount, time_point now);
  void act_on_offered(octet what, channel_id id);
  void act_on_open(octet what, channel_id id, std::uint32_t amount, time_point now);
  void write(channel_id id, std::uint32_t amount, time_point now);
  void read(channel_id id, std::uint64_t amount);
  void close(channel_id id);

  void note(octet_view payload);
  channel& in(channel_id id, channel::state wanted);
  channel& open_one(channel_id id);
  void on(const protocol::opened& told);
  void on(const protocol::open_failed& told);
  void on(const protocol::data& told);
  void on(const protocol::eof& told);
  void on(const protocol::closed& told);
  void on(const protocol::writable& told);
  void on(const protocol::exec_answered& told);
  void on(const protocol::exited& told);
  void on(const protocol::listening& told);
  void on(const protocol::forwarded& told);
  void on(const protocol::server_host_keys& told);
  void on(const protocol::host_keys_proved& told);
  void on(const protocol::pong& told);

  ssh::native::transport& link_;
  protocol protocol_;
  bool reads_at_once_ = false;
  bool expects_pattern_ = false;
  // Those that an event may come for.
  std::map<channel_id, channel> channels_;
  std::size_t opens_ = 0;
  std::size_t forwards_ = 0;
  std::deque<std::uint16_t> listens_;
  // What the server may send by its own number of a channel: channels may have the same, if it is wrong.
  std::map<std::uint32_t, std::int64_t> credit_;
  // What the last message said of a channel that is not open yet.
  channel announced_;
  octet_view last_payload_;
  unsigned pings_ = 0;
};

}  // namespace tunnel::fuzz
