#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "ssh/native/core/ext_info.hpp"
#include "ssh/native/core/identification.hpp"
#include "ssh/native/core/inbound_buffer.hpp"
#include "ssh/native/core/kexinit.hpp"
#include "ssh/native/core/key_exchange.hpp"
#include "ssh/native/core/packet_decoder.hpp"
#include "ssh/native/core/packet_encoder.hpp"
#include "ssh/native/core/rekey_limits.hpp"

namespace tunnel::ssh::native {

using time_point = std::chrono::steady_clock::time_point;

/// The transport protocol (RFC 4253), client's side, without input or output of its own: octets that come are
/// put into inbound(), next() says what they mean, and pending() is to be sent.
///
///     identification -> key exchange -> host_key_offered -> accept_host_key() -> established -> received ...
///                                                                                     ^  key re-exchange  |
///                                                                                     +------------------+
///
/// Key re-exchanges need no help: whoever begins one, the host key must be the one that was accepted, and
/// messages sent meanwhile wait for the new keys.
class transport {
 public:
  struct options {
    /// After "SSH-2.0-".
    std::string software;
    algorithm_preferences preferences;
    rekey_limits limits;
  };

  /// The server proved that it has this key. Nothing more comes until accept_host_key().
  struct host_key_offered {
    std::string algorithm;
    octets key;
  };
  /// The first key exchange is over.
  struct established {};
  /// A message for the layers above. The payload is in the inbound buffer, until its room() is called.
  struct received {
    octet_span payload;
    std::uint32_t sequence_number;
  };
  using event = std::variant<host_key_offered, established, received>;

  transport(options how, random_source random, time_point now);

  inbound_buffer& inbound() { return inbound_; }

  /// What came next; nothing: more octets are needed, or accept_host_key().
  /// Errors: the connection cannot go on. goodbye() then has what the server is to be told.
  result<std::optional<event>> next(time_point now);

  void accept_host_key(time_point now);

  /// Sends a message: at once, or when the keys are new if an exchange is under way.
  void send(octet_view payload);
  /// The same, written in place, as packet_encoder has it. Only while there is no exchanging(), and no more
  /// of them after rekey_if_due().
  octet_span place(std::size_t size) { return encoder_.place(size); }
  void places(std::size_t size, std::span<octet_span> places) { encoder_.places(size, places); }
  void commit(std::size_t size) { encoder_.commit(size); }
  /// Begins a key exchange when the limits of the keys are reached. next() does it too.
  void rekey_if_due(time_point now);
  /// No message but those of the key exchange may be sent now.
  [[nodiscard]] bool exchanging() const { return own_kexinit_.has_value() && !keys_sent_; }

  /// Answers a message whose number nobody knows (RFC 4253 section 11.4).
  void send_unimplemented(std::uint32_t sequence_number);
  /// Says SSH_MSG_DISCONNECT, unless the server said it first. Nothing is sent after it.
  void goodbye(const error& why);

  [[nodiscard]] octet_view pending() const { return encoder_.pending(); }
  void sent(std::size_t count) { encoder_.sent(count); }

  /// Policy: how long the server may leave a key re-exchange as it is. Nothing can be sent meanwhile, and the
  /// old keys wear out. What was on its way before its part of the exchange counts as getting on.
  static constexpr std::chrono::seconds exchange_patience{60};

  /// From here on this side begins key exchanges too, the server may ping, and may not send SSH_MSG_EXT_INFO.
  void set_authenticated() { authenticated_ = true; }

  /// When next() is to be called at the latest: the keys grow too old, or the server has let a key
  /// re-exchange lie.
  [[nodiscard]] time_point next_deadline() const {
    return own_kexinit_ ? exchange_moved_ + exchange_patience : keys_since_ + how_.limits.age;
  }

  [[nodiscard]] const std::string& server_identification() const { return context_.server_identification; }
  [[nodiscard]] const agreement& algorithms() const { return agreed_; }
  [[nodiscard]] octet_view session_identifier() const { return session_identifier_; }
  [[nodiscard]] octet_view host_key() const { return host_key_; }
  /// The host key's over session_identifier(), from the first exchange.
  [[nodiscard]] octet_view host_key_signature() const { return host_key_signature_; }
  [[nodiscard]] const ext_info& server_extensions() const { return ext_info_; }
  /// Key exchanges that are over.
  [[nodiscard]] std::size_t exchanges() const { return exchanges_; }

 private:
  using step = result<std::optional<event>>;

  step on_packet(const packet_decoder::packet& packet, time_point now);
  step on_transport_message(const packet_decoder::packet& packet);
  step on_kexinit(const packet_decoder::packet& packet, time_point now);
  step on_kex_message(octet_view payload, time_point now);
  step on_newkeys(octet_view payload);
  step on_ext_info(octet_view payload);
  step on_ping(const packet_decoder::packet& packet);

  bool may_owe_more();
  [[nodiscard]] bool is_initial() const { return exchanges_ == 0; }
  [[nodiscard]] result<void> check_signature(const exchange_outcome& outcome) const;
  void begin_exchange(time_point now);
  [[nodiscard]] bool exchange_lies(time_point now) const;
  void take_new_keys(time_point now);
  void release_held();

  options how_;
  random_source random_;
  inbound_buffer inbound_;
  identification_reader identification_;
  packet_decoder decoder_;
  packet_encoder encoder_;

  exchange_context context_;
  // The exchange under way: ours is there from our SSH_MSG_KEXINIT to the server's SSH_MSG_NEWKEYS...
  std::optional<kexinit> own_kexinit_;
  // ...and this from the server's SSH_MSG_KEXINIT on.
  std::unique_ptr<key_exchange> method_;
  agreement agreed_;
  bool skip_guess_ = false;
  bool keys_sent_ = false;
  std::optional<exchange_outcome> outcome_;
  std::unique_ptr<packet_opener> next_opener_;

  std::size_t exchanges_ = 0;
  bool strict_ = false;
  octets session_identifier_;
  octets host_key_;
  octets host_key_signature_;
  time_point keys_since_;
  // When the exchange under way began or the server last brought it nearer.
  time_point exchange_moved_;

  ext_info ext_info_;
  bool ext_info_may_come_ = false;
  bool success_must_come_ = false;
  bool authenticated_ = false;
  bool said_goodbye_ = false;
  bool overrun_ = false;
  // Messages for after the exchange, each with its length before it.
  octets held_;
};

}  // namespace tunnel::ssh::native
