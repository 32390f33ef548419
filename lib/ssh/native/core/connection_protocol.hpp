#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "ssh/native/core/channel_table.hpp"
#include "ssh/native/core/remote_listeners.hpp"
#include "ssh/native/core/round_trip.hpp"
#include "ssh/native/core/transport.hpp"

namespace tunnel::ssh::native {

/// A host and a port as they are on the wire. The host is sent verbatim.
struct host_and_port {
  std::string host;
  std::uint16_t port = 0;
};

/// The connection protocol (RFC 4254) on a transport whose user is authenticated: channels and global
/// requests. Any number of opens may be in flight. Every channel that was told of as opened or offered ends
/// with close(), whoever closes first; then its number is free again once the server has closed it too.
class connection_protocol {
 public:
  struct opened {
    channel_id channel;
  };
  /// The channel is gone. `description` as it came.
  struct open_failed {
    channel_id channel;
    std::uint32_t reason;
    std::string description;
  };
  /// In the inbound buffer, until its room() is called. To be given back by consumed().
  struct data {
    channel_id channel;
    octet_view octets;
    /// Of SSH_EXTENDED_DATA_STDERR rather than the channel's own stream.
    bool standard_error = false;
  };
  struct eof {
    channel_id channel;
  };
  /// The server closed it. close() is to follow.
  struct closed {
    channel_id channel;
  };
  /// There is room again after prepare() gave none.
  struct writable {
    channel_id channel;
  };
  /// The answer to request_exec().
  struct exec_answered {
    channel_id channel;
    bool accepted;
  };
  struct exited {
    channel_id channel;
    /// Nothing: by a signal.
    std::optional<std::uint32_t> status;
    /// That signal's name without "SIG", as it came.
    std::string signal;
  };
  /// The answer to listen(), in the order of the calls. Nothing: refused.
  struct listening {
    std::optional<std::uint32_t> port;
  };
  /// A connection came to a remote listener: accept() or reject() it.
  struct forwarded {
    channel_id channel = 0;
    host_and_port listener;
    host_and_port originator;
  };
  /// hostkeys-00@openssh.com: all that the server has.
  struct server_host_keys {
    std::vector<octets> keys;
  };
  /// The answer to prove_host_keys(): whether it is a proof, and else why not.
  struct host_keys_proved {
    result<void> outcome;
  };
  /// The answer to ping().
  struct pong {};
  using event = std::variant<opened, open_failed, data, eof, closed, writable, exec_answered, exited,
                             listening, forwarded, server_host_keys, host_keys_proved, pong>;

  /// Specification: RFC 4254 section 5.1.
  static constexpr std::uint32_t administratively_prohibited = 1;
  static constexpr std::uint32_t unknown_channel_type = 3;

  /// Policy: the largest payload of SSH_MSG_CHANNEL_DATA that is taken, in octets.
  static constexpr std::uint32_t max_packet = 32 * 1024;
  /// Policy: the largest payload of SSH_MSG_CHANNEL_DATA that is sent, whatever the server would take: RFC
  /// 4253 section 6.1 obliges it to no more.
  static constexpr std::uint32_t max_sent = 32 * 1024;
  /// Policy: answers to no request of ours that are borne, as RFC 4254 says nothing of them.
  static constexpr unsigned max_unsolicited = 100;

  /// `link` must outlive it.
  explicit connection_protocol(transport& link) : link_(link) {}

  /// Makes an event of a message that the transport received. Nothing: there is none in it.
  /// Errors: protocol_error.
  result<std::optional<event>> on_message(const transport::received& message, time_point now);

  // Opens, each answered by `opened` or `open_failed` with the number that is returned here.
  channel_id open_direct_tcpip(const host_and_port& target, const host_and_port& originator);
  /// OpenSSH's PROTOCOL, section 2.4.
  channel_id open_direct_streamlocal(std::string_view path);
  channel_id open_session();
  /// Gives an open up: no event will come, and a channel that opens late is closed.
  void abandon(channel_id id);

  void accept(channel_id id);
  void reject(channel_id id, std::uint32_t reason, std::string_view description);

  /// Runs a command on a session (RFC 4254 section 6.5). `exec_answered` follows.
  void request_exec(channel_id id, std::string_view command);

  /// Room for octets to be sent, in at most as many pieces as `places` has; returns how many. None when the
  /// server's window is closed: then `writable` follows. Only while the transport is not exchanging keys.
  std::size_t prepare(channel_id id, std::span<octet_span> places);
  /// Sends the first `count` octets of what prepare() gave.
  void commit(channel_id id, std::size_t count, time_point now);
  void send_eof(channel_id id);
  void close(channel_id id);

  /// So many octets of `data` events have reached their reader: the window opens again.
  void consumed(channel_id id, std::size_t count);

  /// tcpip-forward; port 0 lets the server choose. `listening` follows.
  void listen(const host_and_port& at);
  void stop_listening(const host_and_port& at);

  /// Has the server prove that it has these host keys. `host_keys_proved` follows.
  void prove_host_keys(std::vector<octets> keys);

  /// When on_deadline() is due. Nothing: no need of it.
  [[nodiscard]] std::optional<time_point> next_deadline() const { return deadline_; }
  /// Returns those for which there is room again, as `writable` says it.
  std::vector<channel_id> on_deadline(time_point now);

  /// Asks for a sign of life, by ping@openssh.com or keepalive@openssh.com. One at a time: while one is
  /// unanswered, another changes nothing.
  void ping(time_point now);
  /// Pings when the path is worth measuring.
  void measure(time_point now);

  [[nodiscard]] std::size_t channels() const { return table_.size(); }

 private:
  using step = result<std::optional<event>>;
  struct channel_message;
  enum class asked : std::uint8_t { keepalive, listen, stop_listening, host_keys };
  struct global_question {
    asked what = asked::keepalive;
    host_and_port at;
    std::vector<octets> keys = {};
  };

  using duration = std::chrono::steady_clock::duration;

  void watch(channel_id id, channel_record& channel, time_point now);
  [[nodiscard]] duration patience() const;
  channel_id open(std::string_view type, octet_view details);
  void send_about(octet number, const channel_record& channel, octet_view rest = {});
  void finish_close(channel_id id);

  step on_channel_message(octet number, octet_view payload, time_point now);
  step on_confirmation(channel_id id, channel_record& channel, octet_view rest);
  step on_open_failure(channel_id id, channel_record& channel, octet_view rest);
  step on_window_adjust(channel_id id, channel_record& channel, octet_view rest, time_point now);
  step on_data(channel_id id, channel_record& channel, octet_view rest, time_point now);
  step on_extended_data(channel_id id, channel_record& channel, octet_view rest, time_point now);
  step take_data(channel_id id, channel_record& channel, octet_view octets, bool standard_error,
                 time_point now);
  step on_eof(channel_id id, channel_record& channel);
  step on_close(channel_id id, channel_record& channel);
  step on_request(channel_id id, channel_record& channel, octet_view rest);
  step on_answer(channel_id id, channel_record& channel, bool accepted);

  step on_open(octet_view payload);
  step on_forwarded(octet_view details, const channel_record& offered);
  void refuse_open(std::uint32_t remote_channel, std::uint32_t reason, std::string_view description);
  step on_global_request(octet_view payload);
  step on_host_keys(octet_view keys);
  step on_global_reply(octet number, octet_view payload);
  step on_pong(time_point now);
  step unsolicited(std::string_view what);

  transport& link_;
  channel_table table_;
  window_budget budget_;
  round_trip path_;
  remote_listeners listeners_;
  std::deque<global_question> questions_;
  std::optional<time_point> pinged_;
  // Channels that send_window holds back, and when to see whether it does so for too long.
  std::vector<channel_id> watched_;
  std::optional<time_point> deadline_;
  unsigned unsolicited_ = 0;
  // Used again for each message.
  octets scratch_;
};

}  // namespace tunnel::ssh::native
