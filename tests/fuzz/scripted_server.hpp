#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/octets.hpp"
#include "peer.hpp"
#include "script.hpp"

namespace tunnel::fuzz {

/// A server that does what a script says: right things, if they are right at that moment, and wrong ones.
/// While it has done nothing wrong it requires the same of the client: its messages are well-formed, about
/// channels that are there, and within the windows that it was granted.
class scripted_server {
 public:
  using peer = ssh::native::support::peer;

  explicit scripted_server(peer& server);
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;
  ~scripted_server() = default;

  /// What the script says next.
  void act(script& from);
  /// The service and the user are granted as soon as they are asked for.
  void grant_user() { grants_user_ = true; }
  /// Time has passed, maybe while the client was exchanging keys: none may be let lie.
  void pass_time(bool client_exchanges);
  /// Ends what is held back, and answers what is still to be answered.
  void settle();

  /// It has broken no rule.
  [[nodiscard]] bool is_right() const { return right_; }
  [[nodiscard]] bool authenticated() const { return authenticated_; }

  /// What was sent on the client's channels, of those that both sides still have.
  struct amount {
    std::uint32_t recipient;
    std::uint64_t sent;
  };
  [[nodiscard]] std::vector<amount> amounts() const;

 private:
  struct channel {
    bool open = false;
    /// The client's number.
    std::uint32_t remote = 0;
    /// What may be sent, and what the client may send.
    std::uint64_t credit = 0;
    std::uint32_t max_packet = 0;
    std::uint64_t granted = 0;
    std::uint32_t granted_max_packet = 0;
    bool asked_by_client = true;
    bool eof_sent = false;
    bool close_sent = false;
    bool eof_received = false;
    bool close_received = false;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint32_t requests = 0;
  };
  using place = std::map<std::uint32_t, channel>::iterator;

  void act_right(octet what, script& from);
  void act_wrong(octet what, script& from);
  void send_changed_packet(octet_view payload, script& from);
  void act_on_channel(octet what, script& from);
  void act_on_asked(octet what, place at, script& from);
  void confirm(place at, script& from);
  void send_data(place at, std::uint64_t wanted);
  void send_close(place at);
  void open_forwarded(script& from);
  void answer_global(octet what);
  void answer_user();
  void flush();
  [[nodiscard]] bool may_send() const;

  void on_message(octet_view payload);
  void on_open(octet_view payload);
  void on_channel_message(octet_view payload);
  void on_confirmed(place at, octet_view rest);
  void on_data(place at, octet_view rest);
  void on_closed(place at);
  void on_global_request(octet_view payload);

  peer& server_;
  bool right_ = true;
  bool grants_user_ = false;
  bool authenticated_ = false;
  // By the server's own numbers.
  std::map<std::uint32_t, channel> channels_;
  std::uint32_t next_forwarded_;
  // What is to be sent as soon as there is no exchange of keys.
  std::deque<octets> due_;
  struct question {
    bool listens = false;
    std::uint32_t port = 0;
  };
  std::deque<question> questions_;
  std::deque<std::uint32_t> listening_;
  // Requests of the server's that the client is to answer.
  std::uint32_t asked_client_ = 0;
};

}  // namespace tunnel::fuzz
